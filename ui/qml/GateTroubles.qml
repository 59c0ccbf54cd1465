pragma ComponentBehavior: Bound
import QtQuick

// What is away today, and how the lane works without it.
Rectangle {
    id: strip
    property var rows: []

    height: visible ? lines.height + 36 : 0
    color: Theme.waitSoft
    Rectangle {
        width: parent.width
        height: 3
        color: Theme.waitLine
    }
    Column {
        id: lines
        x: Theme.margin
        y: 18
        width: parent.width - 2 * Theme.margin
        spacing: 6
        Each {
            id: each
            rows: strip.rows
            Row {
                id: line
                required property int index
                width: parent ? parent.width : 0
                spacing: 20
                Icon {
                    anchors.verticalCenter: parent.verticalCenter
                    name: "alert"
                    size: 44
                    color: Theme.wait
                }
                Words {
                    anchors.verticalCenter: parent.verticalCenter
                    width: parent.width - 64
                    text: each.shown[line.index]
                    size: 34
                    tone: "wait"
                }
            }
        }
    }
}
