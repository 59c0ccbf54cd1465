pragma ComponentBehavior: Bound
import QtQuick

// The acts at the foot of a screen: the first is the way on and takes the most room, drawn at the right. Three that
// have no room beside each other stand one below the other.
Grid {
    id: acts
    property var buttons: []
    readonly property int total: buttons ? buttons.length : 0
    readonly property bool stacked: total > 2 && width < 800
    readonly property int wider: Math.round((width - Theme.gap) * 0.62)

    width: parent ? parent.width : 0
    columns: stacked ? 1 : Math.max(1, total)
    spacing: Theme.gap
    layoutDirection: Qt.RightToLeft

    function share(index: int): int {
        if (stacked || total === 1)
            return width;
        if (total === 2)
            return index === 0 ? wider : width - Theme.gap - wider;
        return Math.floor((width - Theme.gap * (total - 1)) / total);
    }
    Each {
        id: each
        rows: acts.buttons
        BigButton {
            required property int index
            spec: each.shown[index]
            size: acts.total > 2 ? 40 : 48
            width: acts.share(index)
            height: acts.stacked ? 120 : Theme.button
        }
    }
}
