import QtQuick

// The live picture as a mirror shows it, the frame around the face, and the thermal picture in the corner.
Rectangle {
    id: picture
    required property var spec
    readonly property var box: spec.box
    readonly property real fromLeft: (live.width - live.paintedWidth) / 2
    readonly property real fromTop: (live.height - live.paintedHeight) / 2

    color: Theme.night
    clip: true
    Image {
        id: live
        anchors.fill: parent
        source: picture.spec.live ? "image://live/" + Touch.frame : ""
        fillMode: Image.PreserveAspectCrop
        mirror: true
        cache: false
        smooth: true
    }
    GateFrame {
        visible: picture.box.shown && picture.spec.live
        tone: picture.box.tone
        x: Math.round(picture.fromLeft + (1 - picture.box.x - picture.box.w) * live.paintedWidth)
        y: Math.round(picture.fromTop + picture.box.y * live.paintedHeight)
        width: Math.round(picture.box.w * live.paintedWidth)
        height: Math.round(picture.box.h * live.paintedHeight)
    }
    Column {
        anchors.centerIn: parent
        visible: picture.spec.missing !== ""
        width: parent.width - 2 * Theme.margin
        spacing: 20
        Icon {
            anchors.horizontalCenter: parent.horizontalCenter
            name: picture.spec.icon
            size: 120
            color: Theme.offlineDot
        }
        Words {
            width: parent.width
            text: picture.spec.missing
            size: 48
            tone: "paleInk"
            horizontalAlignment: Text.AlignHCenter
        }
    }
    Rectangle {
        visible: picture.spec.thermal
        width: Math.round(Math.min(280, picture.height * 0.6))
        height: Math.round(width * 0.75)
        x: parent.width - width - 32
        y: parent.height - height - 32
        radius: 16
        color: Theme.night
        border.width: 4
        border.color: Theme.barEdge
        Image {
            anchors.fill: parent
            anchors.margins: 6
            source: picture.spec.thermal ? "image://thermal/" + Touch.heat : ""
            fillMode: Image.PreserveAspectCrop
            mirror: true
            cache: false
            smooth: true
        }
    }
}
