pragma ComponentBehavior: Bound
import QtQuick

// Waiting for somebody.
Page {
    id: page
    centred: true
    gap: 36
    leadShare: 0.52
    readonly property real others: time.height + asked.height + told.height + 3 * gap + 24 + 2 * air
    lead: [
        Column {
            id: time
            width: parent.width
            Words {
                width: parent.width
                text: page.body.clock
                size: 180
                font.pixelSize: 180
                horizontalAlignment: Text.AlignHCenter
                lineHeight: 0.86
            }
            Words {
                width: parent.width
                text: page.body.day
                tone: "muted"
                horizontalAlignment: Text.AlignHCenter
            }
        },
        Item {
            width: parent.width
            height: ring.height + 24
            Rectangle {
                id: ring
                anchors.centerIn: parent
                width: Theme.landscape ? 420 : page.low ? 320 : Math.max(240, Math.min(560, page.room - page.others))
                height: width
                radius: width / 2
                antialiasing: true
                color: Theme.paper
                border.width: 10
                border.color: Theme.soft
                Rectangle {
                    anchors.centerIn: parent
                    width: parent.width * 0.8
                    height: width
                    radius: width / 2
                    antialiasing: true
                    color: Theme.soft
                }
                Icon {
                    anchors.centerIn: parent
                    name: page.body.icon
                    size: Math.round(ring.width * 0.5)
                }
            }
        },
        Item {
            id: above
            visible: page.low
            width: parent.width
            height: asked.height
        }
    ]
    Item {
        id: here
        visible: !page.low
        width: parent.width
        height: asked.height
        Column {
            id: asked
            parent: page.low ? above : here
            width: parent ? parent.width : 0
            spacing: 12
            Words {
                width: parent.width
                text: page.body.title
                size: 72
                bold: true
                horizontalAlignment: Text.AlignHCenter
            }
            Words {
                width: parent.width
                text: page.body.subtitle
                tone: "muted"
                horizontalAlignment: Text.AlignHCenter
            }
        }
    }
    Column {
        id: told
        width: parent.width
        spacing: 16
        Each {
            id: notices
            rows: page.body.notices
            Card {
                id: sheet
                required property int index
                pad: 28
                Row {
                    width: parent.width
                    spacing: 24
                    Icon {
                        anchors.verticalCenter: parent.verticalCenter
                        name: "info"
                        size: 48
                    }
                    Words {
                        anchors.verticalCenter: parent.verticalCenter
                        width: parent.width - 72
                        text: notices.shown[sheet.index]
                        size: 34
                        cuts: true
                        maximumLineCount: 2
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
