pragma ComponentBehavior: Bound
import QtQuick

// Every test with what it found last, what all of them say together, and the report.
Page {
    id: page
    gap: 24
    leadShare: 0.4
    lead: [
        Heading {
            title: page.body.title
            hint: page.body.hint
        },
        Notice {
            spec: page.body.verdict
        }
    ]
    TechTabs {
        buttons: page.body.tabs
    }
    Notice {
        spec: page.body.notice
    }
    Each {
        id: tests
        rows: page.body.tests
        TechTest {
            required property int index
            spec: tests.shown[index]
        }
    }
    acts: [
        Acts {
            buttons: page.body.acts
        }
    ]
}
