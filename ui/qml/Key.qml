import QtQuick

// One key of a pad.
Press {
    id: key
    required property var spec
    property real size: 48

    act: spec.act
    payload: spec.payload
    label: spec.text
    live: spec.live
    chosen: spec.chosen
    height: Theme.target
    Rectangle {
        anchors.fill: parent
        radius: 24
        antialiasing: true
        color: key.spec.chosen ? Theme.brand : key.down ? Theme.softDown : Theme.card
        border.width: 2
        border.color: key.spec.chosen ? Theme.brand : Theme.edge
    }
    Icon {
        anchors.centerIn: parent
        name: key.spec.icon
        size: 56
        color: key.spec.chosen ? Theme.paleInk : key.enabled ? Theme.ink : Theme.muted
    }
    Words {
        anchors.fill: parent
        anchors.margins: 6
        visible: key.spec.icon === ""
        text: key.spec.text
        size: key.size
        least: 20
        bold: true
        tone: key.spec.chosen ? "paleInk" : key.enabled ? "ink" : "muted"
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
        wrapMode: Text.NoWrap
        Accessible.ignored: true
    }
}
