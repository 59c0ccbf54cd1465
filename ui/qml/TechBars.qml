pragma ComponentBehavior: Bound
import QtQuick

// Bars side by side over a line, each a share of the height: how often something went wrong, hour by hour.
Item {
    id: chart
    property var bars: []
    readonly property real step: width / Math.max(1, bars.length)

    Rectangle {
        y: parent.height - 2
        width: parent.width
        height: 2
        color: Theme.edge
    }
    Each {
        id: each
        rows: chart.bars
        Rectangle {
            required property int index
            readonly property real share: each.shown[index]
            visible: share > 0
            x: Math.round(index * chart.step)
            width: Math.max(3, Math.round(chart.step) - 2)
            height: Math.max(4, Math.round((chart.height - 2) * share))
            y: chart.height - 2 - height
            color: Theme.stop
        }
    }
}
