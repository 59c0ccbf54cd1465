import QtQuick

// Finding a service by its letters.
Page {
    id: page
    gap: 28
    leadShare: 0.46
    lead: [
        Heading {
            title: page.body.title
            hint: page.body.hint
        },
        Item {
            id: left
            visible: Theme.landscape
            width: parent.width
            height: keys.height
        }
    ]
    Rectangle {
        width: parent.width
        height: 128
        radius: Theme.radius
        antialiasing: true
        color: Theme.card
        border.width: 4
        border.color: Theme.brand
        Icon {
            id: glass
            x: 36
            anchors.verticalCenter: parent.verticalCenter
            name: "search"
            size: 60
        }
        Words {
            id: typed
            x: glass.x + glass.width + 28
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - x - 40
            text: page.body.text === "" ? page.body.empty : page.body.text
            tone: page.body.text === "" ? "muted" : "ink"
            size: page.body.text === "" ? 38 : 48
            bold: page.body.text !== ""
            cuts: true
            maximumLineCount: 1
        }
        Rectangle {
            x: typed.x + (page.body.text === "" ? -10 : Math.min(typed.contentWidth, typed.width) + 6)
            anchors.verticalCenter: parent.verticalCenter
            width: 5
            height: 60
            color: Theme.brand
        }
    }
    Tiles {
        width: parent.width
        services: page.body.tiles
    }
    acts: [
        Item {
            id: right
            visible: !Theme.landscape
            width: parent.width
            height: keys.height
            KeyRows {
                id: keys
                parent: Theme.landscape ? left : right
                width: parent ? parent.width : 0
                rows: page.body.rows
            }
        }
    ]
}
