import QtQuick

// One test: what it is, what it found and when, and the way to run it.
Card {
    id: test
    required property var spec

    pad: 28
    Item {
        width: parent.width
        height: Math.max(told.height, run.height)
        Column {
            id: told
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - run.width - Theme.gap
            spacing: 8
            Words {
                width: parent.width
                text: test.spec.title
                size: 36
                bold: true
            }
            Flow {
                width: parent.width
                spacing: 16
                GateChip {
                    spec: test.spec.chip
                    size: 26
                }
                Words {
                    width: Math.min(implicitWidth, told.width)
                    text: test.spec.sub
                    size: 30
                    tone: "muted"
                }
            }
            Words {
                width: parent.width
                visible: text !== ""
                text: test.spec.found
                size: 30
                tone: test.spec.tone === "stop" ? "stop" : "ink"
            }
        }
        BigButton {
            id: run
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            width: 200
            height: Theme.target
            size: 36
            spec: test.spec.run
            label: test.spec.says
        }
    }
}
