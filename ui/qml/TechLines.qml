pragma ComponentBehavior: Bound
import QtQuick

// Lines of log or settings: what to choose from, one page of lines, the way to the next.
Page {
    id: page
    gap: 20
    leadShare: 0.36
    lead: [
        Heading {
            title: page.body.title
            hint: page.body.hint
        }
    ]
    TechTabs {
        buttons: page.body.tabs
    }
    TechTabs {
        buttons: page.body.choices
    }
    Notice {
        spec: page.body.notice
    }
    Words {
        width: parent.width
        visible: text !== ""
        text: page.body.subtitle
        size: 38
        bold: true
    }
    Each {
        id: rows
        rows: page.body.rows
        TechLine {
            required property int index
            spec: rows.shown[index]
        }
    }
    Item {
        visible: page.body.pager.shown
        width: parent.width
        height: Theme.target
        Row {
            id: turns
            anchors.right: parent.right
            spacing: Theme.gap
            Each {
                id: each
                rows: page.body.pager.buttons
                BigButton {
                    required property int index
                    spec: each.shown[index]
                    width: 220
                    height: Theme.target
                    size: 36
                }
            }
        }
        Words {
            width: parent.width - turns.width - Theme.gap
            height: parent.height
            text: page.body.pager.text
            size: 34
            least: 22
            tone: "muted"
            maximumLineCount: 2
            verticalAlignment: Text.AlignVCenter
        }
    }
    acts: [
        Acts {
            buttons: page.body.acts
        }
    ]
}
