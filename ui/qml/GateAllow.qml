pragma ComponentBehavior: Bound
import QtQuick

// You may pass: a tick in a circle on green, words that can be read from three metres.
GatePanel {
    id: panel
    Rectangle {
        anchors.fill: parent
        color: Theme.go
    }
    Column {
        anchors.centerIn: parent
        width: parent.width - 2 * Theme.margin
        spacing: 24
        Rectangle {
            anchors.horizontalCenter: parent.horizontalCenter
            width: 232
            height: width
            radius: width / 2
            antialiasing: true
            color: Theme.go
            border.width: 14
            border.color: Theme.paleInk
            Icon {
                anchors.centerIn: parent
                name: panel.body.icon
                size: 150
                color: Theme.paleInk
            }
        }
        Words {
            width: parent.width
            height: 190
            text: panel.body.title
            size: 152
            least: 90
            bold: true
            tone: "paleInk"
            wrapMode: Text.NoWrap
            horizontalAlignment: Text.AlignHCenter
            verticalAlignment: Text.AlignVCenter
        }
        Words {
            width: parent.width
            visible: text !== ""
            text: panel.body.sub
            size: 72
            bold: true
            tone: "paleInk"
            horizontalAlignment: Text.AlignHCenter
        }
        Row {
            anchors.horizontalCenter: parent.horizontalCenter
            visible: panel.body.person !== "" || panel.body.measured
            spacing: 56
            Words {
                visible: text !== ""
                text: panel.body.person
                size: 72
                tone: "paleInk"
                wrapMode: Text.NoWrap
            }
            Words {
                visible: panel.body.measured
                text: panel.body.temperature
                size: 72
                bold: true
                tone: "paleInk"
                wrapMode: Text.NoWrap
            }
        }
        Words {
            width: parent.width
            visible: text !== "" && !panel.body.measured
            text: panel.body.temperature
            size: 48
            tone: "paleInk"
            horizontalAlignment: Text.AlignHCenter
        }
        Words {
            width: parent.width
            visible: text !== ""
            text: panel.body.line
            size: 44
            tone: "paleInk"
            horizontalAlignment: Text.AlignHCenter
        }
        Column {
            anchors.horizontalCenter: parent.horizontalCenter
            visible: panel.body.notes.length > 0
            spacing: 12
            Each {
                id: notes
                rows: panel.body.notes
                GateChip {
                    required property int index
                    anchors.horizontalCenter: parent ? parent.horizontalCenter : undefined
                    size: 38
                    spec: ({
                            "text": notes.shown[index],
                            "tone": "wait",
                            "icon": "info"
                        })
                }
            }
        }
        Words {
            width: parent.width
            visible: text !== ""
            text: panel.body.screening
            size: 32
            tone: "paleInk"
            horizontalAlignment: Text.AlignHCenter
        }
    }
}
