pragma ComponentBehavior: Bound
import QtQuick

// The guide of one item.
Page {
    id: page
    gap: 28
    lead: [
        Flow {
            width: parent.width
            spacing: 16
            Each {
                id: chips
                rows: page.body.chips
                Chip {
                    required property int index
                    text: chips.shown[index].text
                    tone: chips.shown[index].tone
                }
            }
        },
        Heading {
            size: 72
            title: page.body.title
            hint: page.body.summary
        },
        Item {
            id: left
            visible: Theme.halves
            width: parent.width
            height: how.height
        }
    ]
    Notice {
        spec: page.body.notice
    }
    Item {
        id: right
        visible: !Theme.halves
        width: parent.width
        height: how.height
        Card {
            id: how
            parent: Theme.halves ? left : right
            pad: 40
            gap: 28
            Words {
                width: parent.width
                text: page.body.how_title
                size: 48
                bold: true
            }
            FlowChart {
                spec: page.body.chart
            }
        }
    }
    Each {
        id: parts
        rows: page.body.parts
        Card {
            id: part
            required property int index
            readonly property var spec: parts.shown[index]
            pad: 40
            gap: 8
            Words {
                width: parent.width
                text: part.spec.title
                size: 48
                bold: true
            }
            Each {
                id: lines
                rows: part.spec.lines
                Row {
                    id: line
                    required property int index
                    width: parent ? parent.width : 0
                    spacing: 8
                    Words {
                        text: lines.shown.length > 1 ? "·" : ""
                        width: implicitWidth
                        visible: lines.shown.length > 1
                    }
                    Words {
                        width: parent.width - (lines.shown.length > 1 ? Theme.px(38) + 8 : 0)
                        text: lines.shown[line.index]
                    }
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
