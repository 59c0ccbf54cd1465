pragma ComponentBehavior: Bound
import QtQuick

// The services, by use and by drawer, and what was handed in.
Page {
    id: page
    gap: 32
    leadShare: 0.46
    lead: [
        Heading {
            visible: Theme.lowReach && !Theme.landscape
            title: page.body.greeting
            hint: page.body.day
        },
        Item {
            id: left
            visible: Theme.landscape
            width: parent.width
            height: mine.height
        },
        Item {
            id: under
            visible: Theme.landscape
            width: parent.width
            height: drawers.height
        }
    ]
    Notice {
        spec: page.body.notice
    }
    Press {
        id: find
        width: parent.width
        height: 120
        act: page.body.search.act
        label: page.body.search.text
        Rectangle {
            anchors.fill: parent
            radius: Theme.radius
            antialiasing: true
            color: find.down ? Theme.soft : Theme.card
            border.width: 3
            border.color: Theme.edge
        }
        Icon {
            id: glass
            x: 36
            anchors.verticalCenter: parent.verticalCenter
            name: "search"
            size: 60
        }
        Words {
            x: glass.x + glass.width + 28
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - x - sample.width - 64
            height: parent.height
            text: page.body.search.text
            tone: "muted"
            least: 26
            maximumLineCount: 2
            verticalAlignment: Text.AlignVCenter
            Accessible.ignored: true
        }
        Words {
            id: sample
            anchors.right: parent.right
            anchors.rightMargin: 36
            anchors.verticalCenter: parent.verticalCenter
            text: page.body.sample
            font.pixelSize: 44
            bold: true
            tone: "brand"
            Accessible.ignored: true
        }
    }
    Column {
        width: parent.width
        spacing: 20
        Words {
            width: parent.width
            text: page.body.often_title
            size: 48
            bold: true
        }
        Tiles {
            width: parent.width
            services: page.body.often
        }
    }
    Item {
        id: right
        visible: !Theme.landscape
        width: parent.width
        height: mine.height
        Column {
            id: mine
            parent: Theme.landscape ? left : right
            width: parent ? parent.width : 0
            spacing: 4
            Item {
                width: parent.width
                height: Math.max(mineTitle.height, Theme.target)
                Words {
                    id: mineTitle
                    anchors.verticalCenter: parent.verticalCenter
                    width: parent.width - all.width - 24
                    text: page.body.requests_title
                    size: 48
                    bold: true
                }
                LinkButton {
                    id: all
                    anchors.right: parent.right
                    spec: page.body.requests
                }
            }
            Requested {
                visible: page.body.request.shown
                spec: page.body.request
            }
            Words {
                width: parent.width
                visible: text !== ""
                text: page.body.request.empty
                tone: "muted"
            }
        }
    }
    Item {
        id: below
        visible: !Theme.landscape
        width: parent.width
        height: drawers.height
        Column {
            id: drawers
            parent: Theme.landscape ? under : below
            width: parent ? parent.width : 0
            spacing: 20
            Words {
                width: parent.width
                text: page.body.all_title
                size: 48
                bold: true
            }
            Grid {
                id: grid
                width: parent.width
                columns: Theme.large || width < 800 || page.body.categories.length === 4 ? 2 : 3
                columnSpacing: Theme.gap
                rowSpacing: Theme.gap
                Each {
                    id: each
                    rows: page.body.categories
                    Drawer {
                        required property int index
                        spec: each.shown[index]
                        width: (grid.width - Theme.gap * (grid.columns - 1)) / grid.columns
                    }
                }
            }
        }
    }
}
