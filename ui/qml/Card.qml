import QtQuick

// A white sheet around its content.
Rectangle {
    id: card
    default property alias content: inside.data
    property int pad: 44
    property int gap: 24
    property string tone: ""

    width: parent ? parent.width : 0
    height: inside.height + 2 * pad
    radius: Theme.radius
    antialiasing: true
    color: tone === "" ? Theme.card : Theme.ground(tone)
    border.width: 2
    border.color: tone === "wait" ? Theme.waitLine : tone === "stop" ? Theme.stop : tone === "go" ? Theme.go : Theme.line
    Column {
        id: inside
        x: card.pad
        y: card.pad
        width: card.width - 2 * card.pad
        spacing: card.gap
    }
}
