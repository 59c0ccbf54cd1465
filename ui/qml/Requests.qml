pragma ComponentBehavior: Bound
import QtQuick

// Everything handed in, newest first.
Page {
    id: page
    gap: 28
    leadShare: 0.34
    lead: [
        Heading {
            size: 72
            title: page.body.title
            hint: page.body.hint
        }
    ]
    Each {
        id: cards
        rows: page.body.cards
        Requested {
            required property int index
            spec: cards.shown[index]
            brief: true
        }
    }
}
