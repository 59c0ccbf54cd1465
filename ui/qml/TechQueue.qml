pragma ComponentBehavior: Bound
import QtQuick

// The technician's queue: three numbers, how each part is, what was refused and why.
Page {
    id: page
    gap: 28
    leadShare: 0.46
    lead: [
        Heading {
            title: page.body.title
            hint: page.body.hint
        },
        Row {
            id: numbers
            width: parent.width
            spacing: 20
            Each {
                id: stats
                rows: page.body.stats
                TechStat {
                    required property int index
                    spec: stats.shown[index]
                    width: Math.floor((numbers.width - 40) / 3)
                }
            }
        },
        Card {
            visible: page.body.rows.length > 0
            pad: 36
            gap: 20
            Each {
                id: rows
                rows: page.body.rows
                TechRow {
                    required property int index
                    spec: rows.shown[index]
                    first: index === 0
                    width: parent ? parent.width : 0
                }
            }
        }
    ]
    TechTabs {
        buttons: page.body.tabs
    }
    Notice {
        spec: page.body.notice
    }
    Words {
        width: parent.width
        text: page.body.letters_title
        size: 44
        bold: true
    }
    Each {
        id: letters
        rows: page.body.letters
        TechLetter {
            required property int index
            spec: letters.shown[index]
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
