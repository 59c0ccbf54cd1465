pragma ComponentBehavior: Bound
import QtQuick

// The guard signs in.
GatePane {
    id: pane
    Column {
        id: told
        width: pane.wide ? (parent.width - 48) / 2 : parent.width
        spacing: 24
        Words {
            width: parent.width
            text: pane.body.title
            size: 60
            bold: true
        }
        Row {
            width: parent.width
            spacing: 16
            Icon {
                id: sign
                anchors.verticalCenter: parent.verticalCenter
                visible: pane.body.notice.shown
                name: pane.body.notice.icon
                size: 52
                color: Theme.stop
            }
            Words {
                width: parent.width - (sign.visible ? sign.width + 16 : 0)
                text: pane.body.notice.shown ? pane.body.notice.text : pane.body.hint
                tone: pane.body.notice.shown ? "stop" : "muted"
                bold: pane.body.notice.shown
            }
        }
        Each {
            id: boxes
            rows: pane.body.boxes
            EntryBox {
                required property int index
                spec: boxes.shown[index]
                width: told.width
                height: 128
            }
        }
    }
    DigitPad {
        x: pane.wide ? told.width + 48 : 0
        y: pane.wide ? 0 : told.height + 32
        width: told.width
        keys: pane.body.keys
        keyHeight: Math.max(Theme.target, Math.min(140, (pane.room - y - 3 * Theme.gap) / 4))
    }
}
