pragma ComponentBehavior: Bound
import QtQuick

// Please wait, or no: the octagon, what to do, and every finding with its badge.
GatePanel {
    id: panel
    readonly property int total: body.rows.length
    readonly property real room: height - head.height - foot.height - 3 * 36
    readonly property real rowHeight: Math.max(44, Math.min(150, (room - 48) / Math.max(1, total)))
    readonly property real letters: rowHeight >= 140 ? 44 : rowHeight >= 100 ? 38 : rowHeight >= 72 ? 34 : rowHeight >= 56 ? 28 : 24

    Rectangle {
        anchors.fill: parent
        color: Theme.card
    }
    Item {
        id: head
        x: Theme.margin
        y: 36
        width: parent.width - 2 * Theme.margin
        height: Math.max(184, words.height)
        Icon {
            id: sign
            anchors.verticalCenter: parent.verticalCenter
            name: panel.body.icon
            size: 184
            color: Theme.tone(panel.body.tone)
        }
        Column {
            id: words
            anchors.verticalCenter: parent.verticalCenter
            x: sign.width + 44
            width: parent.width - x
            Words {
                width: parent.width
                height: 128
                text: panel.body.title
                size: 104
                least: 72
                bold: true
                tone: panel.body.tone
                wrapMode: Text.NoWrap
                verticalAlignment: Text.AlignVCenter
            }
            Words {
                width: parent.width
                visible: text !== ""
                text: panel.body.sub
                size: 54
                lineHeight: 0.95
                bold: true
                tone: "ink"
            }
        }
    }
    Rectangle {
        id: card
        x: Theme.margin
        y: head.y + head.height + 36
        width: head.width
        height: rows.height + 24
        visible: panel.total > 0
        radius: Theme.radius
        antialiasing: true
        color: Theme.card
        border.width: 2
        border.color: Theme.line
        Column {
            id: rows
            x: 36
            y: 12
            width: parent.width - 72
            Each {
                id: each
                rows: panel.body.rows
                GateRow {
                    required property int index
                    spec: each.shown[index]
                    width: rows.width
                    height: panel.rowHeight
                    letters: panel.letters
                    ems: panel.body.ems
                    first: index === 0
                }
            }
        }
    }
    Column {
        id: foot
        x: Theme.margin
        y: panel.height - height - 28
        width: head.width
        spacing: 8
        Words {
            width: parent.width
            visible: text !== ""
            text: panel.body.screening
            size: 32
            tone: "muted"
        }
        Words {
            width: parent.width
            visible: text !== ""
            text: panel.body.record
            size: 32
            tone: "muted"
        }
    }
}
