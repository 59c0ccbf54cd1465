pragma ComponentBehavior: Bound
import QtQuick

// Everything once more.
Page {
    id: page
    gap: 36
    leadShare: 0.46
    lead: [
        Heading {
            title: page.body.title
            hint: page.body.hint
        },
        Item {
            id: left
            visible: Theme.halves && page.body.preview !== ""
            width: parent.width
            height: paper.height
        },
        Item {
            id: aside
            visible: Theme.halves && page.body.chart_title !== ""
            width: parent.width
            height: route.height
        }
    ]
    Notice {
        spec: page.body.notice
    }
    Item {
        id: right
        visible: !Theme.halves && page.body.preview !== ""
        width: parent.width
        height: paper.height
        Column {
            id: paper
            parent: Theme.halves ? left : right
            visible: page.body.preview !== ""
            width: parent ? parent.width : 0
            height: visible ? implicitHeight : 0
            spacing: 16
            Words {
                width: parent.width
                text: page.body.preview_title
                size: 44
                bold: true
            }
            Preview {
                source: page.body.preview
                most: Theme.landscape ? 560 : Theme.lowReach ? 480 : 620
            }
        }
    }
    ChoiceRow {
        title: page.body.copies_title
        buttons: page.body.copies
    }
    ChoiceRow {
        title: page.body.language_title
        buttons: page.body.languages
    }
    Each {
        id: groups
        rows: page.body.groups
        Card {
            id: group
            required property int index
            readonly property var spec: groups.shown[index]
            pad: 32
            gap: 0
            Row {
                width: parent.width
                spacing: 24
                Column {
                    anchors.verticalCenter: parent.verticalCenter
                    width: parent.width - (change.visible ? change.width + 24 : 0)
                    spacing: 14
                    Each {
                        id: lines
                        rows: group.spec.rows
                        Item {
                            id: line
                            required property int index
                            readonly property var spec: lines.shown[index]
                            width: parent ? parent.width : 0
                            height: Math.max(name.height, (Theme.large ? name.height : 0) + value.height)
                            Words {
                                id: name
                                width: Theme.large ? parent.width : 250
                                text: line.spec.label
                                tone: "muted"
                                size: 34
                            }
                            Words {
                                id: value
                                x: Theme.large ? 0 : 270
                                y: Theme.large ? name.height : 0
                                width: parent.width - x
                                text: line.spec.text
                                size: 36
                                cuts: true
                                maximumLineCount: 3
                            }
                        }
                    }
                }
                LinkButton {
                    id: change
                    anchors.verticalCenter: parent.verticalCenter
                    visible: group.spec.edit.live
                    spec: group.spec.edit
                }
            }
        }
    }
    Item {
        id: after
        visible: !Theme.halves && page.body.chart_title !== ""
        width: parent.width
        height: route.height
        Card {
            id: route
            parent: Theme.halves ? aside : after
            visible: page.body.chart_title !== ""
            gap: 28
            Words {
                width: parent.width
                text: page.body.chart_title
                size: 44
                bold: true
            }
            FlowChart {
                spec: page.body.chart
            }
        }
    }
    acts: [
        Acts {
            buttons: page.body.acts
        }
    ]
}
