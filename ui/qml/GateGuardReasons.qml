pragma ComponentBehavior: Bound
import QtQuick

// Why this person is let in by hand: one press opens.
GatePane {
    id: pane
    Column {
        id: told
        width: parent.width
        spacing: 8
        Words {
            width: parent.width
            text: pane.body.title
            size: 60
            bold: true
        }
        Words {
            width: parent.width
            text: pane.body.hint
            tone: "muted"
        }
    }
    Grid {
        id: grid
        y: told.height + 36
        width: parent.width
        columns: pane.wide ? 3 : 1
        spacing: Theme.gap
        Each {
            id: each
            rows: pane.body.rows
            BigButton {
                required property int index
                spec: each.shown[index]
                width: (grid.width - (grid.columns - 1) * Theme.gap) / grid.columns
                height: pane.wide ? 132 : 152
            }
        }
    }
}
