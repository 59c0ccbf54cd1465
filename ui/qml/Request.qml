import QtQuick

// One request and its timeline.
Page {
    id: page
    gap: 36
    leadShare: 0.44
    lead: [
        Chip {
            text: page.body.chip.text
            tone: page.body.chip.tone
        },
        Heading {
            size: 72
            title: page.body.title
            hint: page.body.sub
        },
        Column {
            visible: page.body.number !== ""
            width: parent.width
            Words {
                width: parent.width
                text: page.body.number_title
                tone: "muted"
                size: 34
            }
            Words {
                width: parent.width
                text: page.body.number
                size: 44
                bold: true
            }
        }
    ]
    Notice {
        spec: page.body.notice
    }
    Card {
        gap: 28
        Words {
            width: parent.width
            text: page.body.timeline_title
            size: 48
            bold: true
        }
        FlowChart {
            spec: page.body.chart
        }
    }
    acts: [
        Acts {
            visible: page.body.acts.length > 0
            buttons: page.body.acts
        }
    ]
}
