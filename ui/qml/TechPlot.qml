pragma ComponentBehavior: Bound
import QtQuick

// A curve of points over a middle line that stands for nought; points are shares of the frame.
Card {
    id: plot
    required property var spec

    pad: 32
    Item {
        id: frame
        width: parent.width
        height: 240
        Rectangle {
            y: Math.round(parent.height / 2)
            width: parent.width
            height: 2
            color: Theme.edge
        }
        Each {
            id: points
            rows: plot.spec.points
            Rectangle {
                required property int index
                readonly property var at: points.shown[index]
                x: Math.round(at[0] * (frame.width - 160)) + 120
                y: Math.round(at[1] * frame.height) - 8
                width: 16
                height: 16
                radius: 8
                color: Theme.brand
            }
        }
        Words {
            text: plot.spec.most
            size: 28
            tone: "muted"
        }
        Words {
            y: parent.height - height
            text: plot.spec.least
            size: 28
            tone: "muted"
        }
    }
}
