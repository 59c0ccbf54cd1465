import QtQuick

// One request as a card to press.
Press {
    id: card
    required property var spec
    property bool brief: false

    act: spec.act
    payload: spec.payload
    label: spec.title
    width: parent ? parent.width : 0
    height: inside.height + 72
    Rectangle {
        anchors.fill: parent
        radius: Theme.radius
        antialiasing: true
        color: card.down ? Theme.soft : Theme.card
        border.width: 3
        border.color: Theme.edge
    }
    Column {
        id: inside
        x: 40
        y: 36
        width: card.width - 80
        spacing: 20
        Item {
            width: parent.width
            height: Math.max(name.height, badge.height)
            Words {
                id: name
                anchors.verticalCenter: parent.verticalCenter
                width: parent.width - badge.width - 24
                text: card.spec.title
                size: 42
                bold: true
                cuts: true
                maximumLineCount: 1
                Accessible.ignored: true
            }
            Chip {
                id: badge
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                text: card.spec.chip.text
                tone: card.spec.chip.tone
                most: parent.width * 0.6
            }
        }
        Words {
            width: parent.width
            text: card.spec.sub
            size: 30
            tone: "muted"
            Accessible.ignored: true
        }
        FlowChart {
            visible: !card.brief && !spec.upright && card.spec.chart.nodes.length > 0
            height: visible ? implicitHeight : 0
            implicitHeight: childrenRect.height
            spec: card.spec.chart
        }
    }
}
