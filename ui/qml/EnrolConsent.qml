pragma ComponentBehavior: Bound
import QtQuick

// The consent, whole, before the two answers.
Page {
    id: page
    gap: 32
    leadShare: 0.4
    lead: [
        Sign {
            visible: Theme.halves
            name: "face"
            tone: "brand"
            size: 220
        },
        Heading {
            size: 64
            alignment: Theme.halves ? Text.AlignHCenter : Text.AlignLeft
            title: page.body.title
            hint: page.body.hint
        }
    ]
    Notice {
        spec: page.body.notice
    }
    Card {
        pad: 40
        gap: 28
        Each {
            id: each
            rows: page.body.parts
            Column {
                id: part
                required property int index
                width: parent ? parent.width : 0
                spacing: 2
                Words {
                    width: parent.width
                    text: each.shown[part.index].title
                    size: 40
                    bold: true
                }
                Words {
                    width: parent.width
                    text: each.shown[part.index].text
                    size: 36
                }
            }
        }
    }
    acts: [
        Acts {
            buttons: page.body.acts
        }
    ]
}
