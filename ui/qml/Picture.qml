pragma ComponentBehavior: Bound
import QtQuick

// The live camera in a frame with corners.
Rectangle {
    id: picture
    property bool live: true
    property string still: ""

    color: "#1d2f36"
    Image {
        anchors.fill: parent
        anchors.margins: 4
        visible: picture.live || picture.still !== ""
        source: picture.live ? "image://live/" + Touch.frame : picture.still
        fillMode: Image.PreserveAspectFit
        cache: false
        smooth: true
    }
    Repeater {
        model: 4
        Item {
            id: corner
            required property int index
            x: index % 2 === 0 ? 24 : picture.width - 24 - width
            y: index < 2 ? 24 : picture.height - 24 - height
            width: 90
            height: 90
            Rectangle {
                width: 90
                height: 8
                radius: 4
                y: corner.index < 2 ? 0 : 82
                color: Theme.paleInk
            }
            Rectangle {
                width: 8
                height: 90
                radius: 4
                x: corner.index % 2 === 0 ? 0 : 82
                color: Theme.paleInk
            }
        }
    }
}
