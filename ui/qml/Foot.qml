pragma ComponentBehavior: Bound
import QtQuick

// How the screen should be for this person, and one discreet line about the terminal. Wide, the bar has them.
Rectangle {
    id: foot
    required property var spec

    height: visible ? Theme.foot : 0
    visible: spec.shown && !Theme.landscape
    color: Theme.card
    Rectangle {
        width: parent.width
        height: 2
        color: Theme.line
    }
    Row {
        id: toggles
        x: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
        spacing: 24
        Each {
            id: each
            rows: foot.spec.toggles
            Toggle {
                required property int index
                spec: each.shown[index]
            }
        }
    }
    Words {
        x: toggles.x + toggles.width + 24
        width: parent.width - x - Theme.margin
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
