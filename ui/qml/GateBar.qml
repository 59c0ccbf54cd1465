pragma ComponentBehavior: Bound
import QtQuick

// Which lane, the time, and the three corners to press.
Rectangle {
    id: bar
    required property var spec

    height: 136
    color: Theme.night
    Column {
        x: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
        width: buttons.x - x - Theme.gap
        Words {
            width: parent.width
            height: 78
            text: bar.spec.title
            size: 44
            least: 26
            bold: true
            tone: "paleInk"
            maximumLineCount: 2
            verticalAlignment: Text.AlignVCenter
        }
        Words {
            width: parent.width
            text: bar.spec.line
            size: 32
            cuts: true
            tone: "paleInk"
            maximumLineCount: 1
        }
    }
    Row {
        id: buttons
        anchors.right: parent.right
        anchors.rightMargin: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.gap
        Each {
            id: each
            rows: bar.spec.buttons
            BarButton {
                required property int index
                spec: each.shown[index]
            }
        }
    }
}
