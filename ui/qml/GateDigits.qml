pragma ComponentBehavior: Bound
import QtQuick

// The last digits of the number, for a face that is searched among few.
GatePanel {
    id: panel
    readonly property bool tight: height < 1000
    Column {
        anchors.centerIn: parent
        width: Math.min(parent.width - 2 * Theme.margin, 760)
        spacing: panel.tight ? 24 : 32
        Words {
            width: parent.width
            text: panel.body.title
            size: panel.tight ? 52 : 68
            bold: true
            horizontalAlignment: Text.AlignHCenter
        }
        Words {
            width: parent.width
            text: panel.body.hint
            size: 38
            tone: "muted"
            horizontalAlignment: Text.AlignHCenter
        }
        Row {
            anchors.horizontalCenter: parent.horizontalCenter
            spacing: 24
            Each {
                id: boxes
                rows: panel.body.boxes
                Rectangle {
                    id: box
                    required property int index
                    readonly property var spec: boxes.shown[index]
                    width: panel.tight ? 104 : 136
                    height: width
                    radius: 24
                    antialiasing: true
                    color: Theme.card
                    border.width: spec.active ? 6 : 3
                    border.color: spec.active ? Theme.brand : Theme.edge
                    Words {
                        anchors.centerIn: parent
                        text: box.spec.text
                        size: panel.tight ? 60 : 76
                        bold: true
                    }
                }
            }
        }
        DigitPad {
            width: parent.width
            keys: panel.body.keys
            keyHeight: panel.tight ? Theme.target : 136
        }
    }
}
