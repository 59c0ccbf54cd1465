pragma ComponentBehavior: Bound
import QtQuick

// Number and PIN.
Page {
    id: page
    gap: 36
    leadShare: 0.5
    lead: [
        Heading {
            title: page.body.title
            hint: page.body.hint
        },
        Item {
            id: left
            visible: Theme.landscape
            width: parent.width
            height: boxes.height
        }
    ]
    Item {
        id: right
        visible: !Theme.landscape
        width: parent.width
        height: boxes.height
        Grid {
            id: boxes
            parent: Theme.landscape ? left : right
            width: parent ? parent.width : 0
            columns: page.low ? page.body.boxes.length : 1
            columnSpacing: Theme.gap
            rowSpacing: Theme.gap
            Each {
                id: each
                rows: page.body.boxes
                EntryBox {
                    required property int index
                    spec: each.shown[index]
                    width: (boxes.width - Theme.gap * (boxes.columns - 1)) / boxes.columns
                    height: page.low ? Theme.target : 132
                }
            }
        }
    }
    DigitPad {
        width: parent.width
        columns: page.low ? 6 : 3
        keys: page.body.keys
        keyHeight: Theme.halves ? Theme.target : 156
    }
    acts: [
        Acts {
            buttons: page.body.acts
        }
    ]
}
