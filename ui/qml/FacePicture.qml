import QtQuick

// The live camera as a mirror, with the face in a frame and an arrow to the side where the head should turn.
Rectangle {
    id: picture
    required property var box
    property string arrow: ""
    property bool live: true

    clip: true
    color: "#1d2f36"
    Image {
        id: frame
        anchors.fill: parent
        anchors.margins: 4
        source: picture.live ? "image://live/" + Touch.frame : ""
        fillMode: picture.height > picture.width * 0.6 ? Image.PreserveAspectCrop : Image.PreserveAspectFit
        mirror: true
        cache: false
        smooth: true
    }
    Item {
        anchors.centerIn: parent
        width: frame.paintedWidth
        height: frame.paintedHeight
        visible: picture.box.shown
        clip: true
        Rectangle {
            x: picture.box.x * parent.width
            y: picture.box.y * parent.height
            width: picture.box.w * parent.width
            height: picture.box.h * parent.height
            radius: 24
            color: "transparent"
            border.width: picture.box.good ? 10 : 6
            border.color: picture.box.good ? Theme.onlineDot : Theme.paleInk
        }
    }
    Rectangle {
        id: disc
        readonly property bool leftward: picture.arrow === "left"
        visible: picture.arrow !== ""
        x: leftward ? 32 : parent.width - width - 32
        anchors.verticalCenter: parent.verticalCenter
        width: 132
        height: width
        radius: width / 2
        antialiasing: true
        color: Theme.card
        Icon {
            anchors.centerIn: parent
            name: disc.leftward ? "back" : "forward"
            size: 88
        }
    }
}
