pragma ComponentBehavior: Bound
import QtQuick

// One page of a form.
Page {
    id: page
    gap: 40
    leadShare: 0.36
    lead: [
        Column {
            width: parent.width
            spacing: 20
            Words {
                width: parent.width
                text: page.body.step
                tone: "muted"
                size: 34
            }
            Rectangle {
                width: parent.width
                height: 12
                radius: 6
                color: Theme.softDown
                Rectangle {
                    width: parent.width * page.body.share
                    height: 12
                    radius: 6
                    color: Theme.brand
                }
            }
        },
        Heading {
            title: page.body.title !== "" || !Theme.halves ? page.body.title : page.body.name
            hint: page.body.hint
        }
    ]
    Card {
        visible: page.body.known
        pad: 12
        gap: 0
        Each {
            id: known
            rows: page.body.known ? page.body.rows : []
            KnownRow {
                required property int index
                spec: known.shown[index]
                last: index === known.count - 1
            }
        }
    }
    Each {
        id: questions
        rows: page.body.known ? [] : page.body.rows
        Question {
            required property int index
            spec: questions.shown[index]
        }
    }
    acts: [
        Acts {
            buttons: page.body.acts
        }
    ]
}
