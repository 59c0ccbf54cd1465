pragma ComponentBehavior: Bound
import QtQuick

// The rows of a keyboard; every row fills the width it needs in keys of one size.
Column {
    id: board
    property var rows: []
    property real keyHeight: Theme.target
    property real most: 10
    property real size: 44
    readonly property int slit: 12

    spacing: slit
    Each {
        id: lines
        rows: board.rows
        Row {
            id: line
            required property int index
            readonly property var spec: lines.shown[index]
            readonly property real unit: (board.width - (board.most - 1) * board.slit) / board.most
            readonly property bool full: spec.total > board.most - 0.7
            readonly property real stretch: full ? (board.width - (keys.count - 1) * board.slit) / (spec.total * unit) : 1
            anchors.horizontalCenter: parent ? parent.horizontalCenter : undefined
            spacing: board.slit
            Each {
                id: keys
                rows: line.spec.keys
                Key {
                    required property int index
                    spec: keys.shown[index]
                    width: Math.floor(spec.width * line.unit * line.stretch)
                    height: board.keyHeight
                    size: spec.text.length > 1 ? board.size * 0.8 : board.size
                }
            }
        }
    }
}
