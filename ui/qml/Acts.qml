pragma ComponentBehavior: Bound
import QtQuick

// The row of acts at the foot of a screen: the first is the way on and takes the most room, drawn at the right.
Row {
    id: acts
    property var buttons: []
    readonly property int total: buttons ? buttons.length : 0

    width: parent ? parent.width : 0
    spacing: Theme.gap
    layoutDirection: Qt.RightToLeft
    Each {
        id: each
        rows: acts.buttons
        BigButton {
            required property int index
            spec: each.shown[index]
            size: acts.total > 2 ? 40 : 48
            width: acts.total === 1 ? acts.width : acts.total === 2 ? (index === 0 ? Math.round((acts.width - Theme.gap) * 0.62) : acts.width - Theme.gap - Math.round((acts.width - Theme.gap) * 0.62)) : (acts.width - Theme.gap * (acts.total - 1)) / acts.total
        }
    }
}
