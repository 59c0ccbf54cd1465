import QtQuick

// A field of the glass that waits for a finger; touched, it is green with a tick.
Press {
    id: cell
    required property var spec

    act: spec.act
    payload: spec.payload
    label: spec.text
    live: spec.live
    Rectangle {
        anchors.fill: parent
        radius: Theme.radius
        antialiasing: true
        color: cell.live ? (cell.down ? Theme.softDown : Theme.card) : Theme.ground("go")
        border.width: 4
        border.color: cell.live ? Theme.brand : Theme.go
    }
    Icon {
        anchors.centerIn: parent
        visible: !cell.live
        name: "tick"
        size: 72
        color: Theme.go
    }
}
