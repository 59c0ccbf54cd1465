import QtQuick

// To the month before or after.
Press {
    id: turn
    required property var spec

    act: spec.act
    payload: spec.payload
    label: spec.text
    width: 132
    height: Theme.target
    Rectangle {
        anchors.fill: parent
        radius: 24
        antialiasing: true
        color: turn.down ? Theme.softDown : Theme.card
        border.width: 3
        border.color: Theme.edge
    }
    Icon {
        anchors.centerIn: parent
        name: turn.spec.icon
        size: 56
    }
}
