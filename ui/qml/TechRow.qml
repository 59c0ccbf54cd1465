import QtQuick

// State, fault and remedy of one part: its name, how it is, a badge; below it what to do.
Column {
    id: row
    required property var spec
    property bool first: false

    spacing: 12
    Rectangle {
        visible: !row.first
        width: parent.width
        height: 2
        color: Theme.line
    }
    Item {
        width: parent.width
        height: Math.max(label.height, said.height, badge.height)
        Words {
            id: label
            anchors.verticalCenter: parent.verticalCenter
            width: Math.round(parent.width * 0.26)
            text: row.spec.label
            size: 32
            tone: "muted"
            wrapMode: Text.WordWrap
        }
        Words {
            id: said
            anchors.verticalCenter: parent.verticalCenter
            x: label.width + 20
            width: badge.x - x - 20
            text: row.spec.text
            size: 34
        }
        GateChip {
            id: badge
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            spec: row.spec.chip
            size: 28
        }
    }
    Words {
        visible: text !== ""
        x: label.width + 20
        width: parent.width - x
        text: row.spec.remedy
        size: 30
        tone: row.spec.chip.tone
    }
}
