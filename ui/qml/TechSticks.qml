pragma ComponentBehavior: Bound
import QtQuick

// Where an export goes: one row a stick, pressed to write.
Page {
    id: page
    gap: 28
    lead: [
        Heading {
            size: 72
            title: page.body.title
            hint: page.body.hint
        },
        Words {
            width: parent.width
            text: page.body.closes
            size: 34
            tone: "muted"
        }
    ]
    Notice {
        spec: page.body.notice
    }
    Each {
        id: sticks
        rows: page.body.sticks
        BigButton {
            required property int index
            spec: sticks.shown[index]
            width: parent ? parent.width : 0
            size: 42
        }
    }
    acts: [
        Acts {
            buttons: page.body.acts
        }
    ]
}
