pragma ComponentBehavior: Bound
import QtQuick

// One part: state, fault and remedy; where it is plugged in; its troubles of a day; its tests.
Page {
    id: page
    gap: 28
    leadShare: 0.48
    lead: [
        Heading {
            title: page.body.title
            hint: page.body.hint
        },
        Card {
            pad: 36
            gap: 20
            TechRow {
                spec: page.body.row
                first: true
                width: parent ? parent.width : 0
            }
            Each {
                id: facts
                rows: page.body.facts
                TechFact {
                    required property int index
                    spec: facts.shown[index]
                    width: parent ? parent.width : 0
                }
            }
        },
        Card {
            pad: 36
            gap: 16
            Words {
                width: parent.width
                text: page.body.chart_title
                size: 34
                bold: true
            }
            TechBars {
                width: parent.width
                height: 150
                bars: page.body.chart.bars
            }
            Row {
                width: parent.width
                Each {
                    id: marks
                    rows: page.body.chart.marks
                    Words {
                        required property int index
                        width: parent ? (index === 3 ? parent.width * 0.15 : parent.width * (index === 2 ? 0.184 : 0.333)) : 0
                        text: marks.shown[index]
                        size: 28
                        least: 18
                        tone: "muted"
                        wrapMode: Text.NoWrap
                        horizontalAlignment: index === 3 ? Text.AlignRight : Text.AlignLeft
                    }
                }
            }
        }
    ]
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
    TechPicture {
        visible: page.body.live || page.body.thermal
        width: parent ? parent.width : 0
        spec: page.body
    }
    acts: [
        Acts {
            buttons: page.body.acts
        }
    ]
}
