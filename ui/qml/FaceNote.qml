pragma ComponentBehavior: Bound
import QtQuick

// What is on record of a face, what will become of it, or how it ended.
Page {
    id: page
    centred: true
    gap: 44
    lead: [
        Sign {
            name: page.body.icon
            tone: page.body.tone
            size: Theme.lowReach && !Theme.landscape ? 180 : 260
        },
        Heading {
            size: 72
            alignment: Text.AlignHCenter
            title: page.body.title
            hint: page.body.hint
        }
    ]
    Card {
        visible: page.body.rows.length > 0
        gap: 20
        Each {
            id: each
            rows: page.body.rows
            Column {
                id: line
                required property int index
                width: parent ? parent.width : 0
                Words {
                    width: parent.width
                    text: each.shown[line.index].label
                    tone: "muted"
                    size: 32
                }
                Words {
                    width: parent.width
                    text: each.shown[line.index].text
                    size: 42
                    bold: true
                }
            }
        }
    }
    Notice {
        spec: page.body.notice
    }
    acts: [
        Acts {
            visible: page.body.acts.length > 0
            buttons: page.body.acts
        }
    ]
}
