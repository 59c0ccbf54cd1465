pragma ComponentBehavior: Bound
import QtQuick

// Steps side by side, or one below the other where the words need the width.
Item {
    id: chart
    required property var spec
    readonly property int count: spec.nodes.length

    width: parent ? parent.width : 0
    height: spec.upright ? tall.height : wide.height

    Row {
        id: wide
        width: parent.width
        visible: !chart.spec.upright
        Each {
            id: across
            rows: chart.spec.upright ? [] : chart.spec.nodes
            Item {
                id: step
                required property int index
                readonly property var spec: across.shown[index]
                width: wide.width / Math.max(1, chart.count)
                height: below.y + below.height
                Rectangle {
                    visible: step.index > 0
                    x: -step.width / 2 + 42
                    y: 40
                    width: step.width - 84
                    height: 5
                    color: step.spec.state === "done" ? Theme.go : Theme.softDown
                }
                FlowNode {
                    id: node
                    spec: step.spec
                    anchors.horizontalCenter: parent.horizontalCenter
                }
                Column {
                    id: below
                    y: 98
                    width: parent.width
                    Words {
                        width: parent.width
                        text: step.spec.label
                        size: 30
                        wrapMode: Text.WordWrap
                        horizontalAlignment: Text.AlignHCenter
                    }
                    Words {
                        width: parent.width
                        visible: text !== ""
                        text: step.spec.sub
                        size: 30
                        tone: "muted"
                        horizontalAlignment: Text.AlignHCenter
                    }
                }
            }
        }
    }
    Column {
        id: tall
        width: parent.width
        visible: chart.spec.upright
        Each {
            id: down
            rows: chart.spec.upright ? chart.spec.nodes : []
            Item {
                id: line
                required property int index
                readonly property var spec: down.shown[index]
                readonly property bool last: index === chart.count - 1
                width: tall.width
                height: Math.max(84, beside.height) + (last ? 0 : 28)
                Rectangle {
                    visible: !line.last
                    x: 40
                    y: 84
                    width: 5
                    height: line.height - 84
                    color: line.spec.state === "done" ? Theme.go : Theme.softDown
                }
                FlowNode {
                    spec: line.spec
                }
                Column {
                    id: beside
                    x: 116
                    y: Math.max(0, (84 - height) / 2)
                    width: line.width - x
                    Words {
                        width: parent.width
                        text: line.spec.label
                        size: 36
                    }
                    Words {
                        width: parent.width
                        visible: text !== ""
                        text: line.spec.sub
                        size: 30
                        tone: "muted"
                    }
                }
            }
        }
    }
}
