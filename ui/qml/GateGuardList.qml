pragma ComponentBehavior: Bound
import QtQuick

// Who was stopped, and why: the last twenty.
GatePane {
    id: pane
    Row {
        id: head
        width: parent.width
        height: Theme.target
        spacing: Theme.gap
        Column {
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - out.width - Theme.gap
            Words {
                width: parent.width
                text: pane.body.title
                size: 48
                bold: true
                cuts: true
                maximumLineCount: 1
            }
            Words {
                width: parent.width
                height: 44
                text: pane.body.hint
                size: 32
                least: 20
                tone: "muted"
                wrapMode: Text.NoWrap
            }
        }
        BigButton {
            id: out
            height: Theme.target
            size: 38
            spec: pane.body.out
        }
    }
    Flickable {
        id: scroll
        y: head.height + 24
        width: parent.width
        height: pane.room - y - (state.visible ? state.height + 12 : 0)
        contentHeight: lines.height
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        Column {
            id: lines
            width: parent.width
            spacing: 12
            Each {
                id: each
                rows: pane.body.rows
                GateLine {
                    required property int index
                    spec: each.shown[index]
                    width: lines.width
                }
            }
        }
    }
    More {
        flick: scroll
    }
    Words {
        id: state
        y: pane.room - height
        width: parent.width
        visible: text !== ""
        text: pane.body.state
        size: 30
        tone: "wait"
        cuts: true
        maximumLineCount: 1
    }
}
