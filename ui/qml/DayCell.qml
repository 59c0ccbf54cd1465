import QtQuick

// One day, hour or minute of the calendar.
Press {
    id: cell
    required property var spec
    property bool dim: false
    property bool today: false

    act: spec.act
    payload: spec.payload
    label: spec.payload
    live: spec.live
    chosen: spec.chosen
    height: Theme.target
    Rectangle {
        anchors.fill: parent
        radius: 24
        antialiasing: true
        color: cell.spec.chosen ? Theme.brand : cell.down ? Theme.softDown : cell.enabled ? Theme.card : "transparent"
        border.width: cell.today ? 5 : cell.enabled ? 2 : 0
        border.color: cell.today ? Theme.brand : Theme.edge
    }
    Words {
        anchors.centerIn: parent
        visible: !cell.dim
        text: cell.spec.text
        font.pixelSize: 44
        bold: cell.enabled || cell.spec.chosen
        tone: cell.spec.chosen ? "paleInk" : cell.enabled ? "ink" : "muted"
        Accessible.ignored: true
    }
}
