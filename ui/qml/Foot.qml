pragma ComponentBehavior: Bound
import QtQuick

// How the screen should be for this person, and one discreet line about the terminal.
Rectangle {
    id: foot
    required property var spec

    height: spec.shown ? Theme.foot : 0
    visible: spec.shown
    color: Theme.card
    Rectangle {
        width: parent.width
        height: 2
        color: Theme.line
    }
    Row {
        id: toggles
        x: 40
        anchors.verticalCenter: parent.verticalCenter
        spacing: 24
        Each {
            id: each
            rows: foot.spec.toggles
            Press {
                id: pill
                required property int index
                readonly property var spec: each.shown[index]
                act: spec.act
                payload: spec.payload
                label: spec.text
                chosen: spec.chosen
                width: words.implicitWidth + 56
                height: Theme.target
                Accessible.checkable: true
                Accessible.checked: chosen
                Rectangle {
                    anchors.fill: parent
                    radius: 24
                    antialiasing: true
                    color: pill.chosen ? Theme.brand : pill.down ? Theme.softDown : Theme.card
                    border.width: 3
                    border.color: pill.chosen ? Theme.brand : Theme.edge
                }
                Words {
                    id: words
                    anchors.centerIn: parent
                    text: pill.spec.text
                    font.pixelSize: 34
                    bold: pill.chosen
                    tone: pill.chosen ? "paleInk" : "ink"
                    wrapMode: Text.NoWrap
                    Accessible.ignored: true
                }
            }
        }
    }
    Words {
        x: toggles.x + toggles.width + 24
        width: parent.width - x - 40
        height: parent.height - 16
        anchors.verticalCenter: parent.verticalCenter
        text: foot.spec.line
        size: 30
        least: 24
        tone: foot.spec.tone
        horizontalAlignment: Text.AlignRight
        verticalAlignment: Text.AlignVCenter
        maximumLineCount: 3
    }
}
