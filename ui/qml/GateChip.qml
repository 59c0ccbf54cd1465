import QtQuick

// A badge of colour, shape and word together; never a target.
Rectangle {
    id: chip
    required property var spec
    property real size: 32

    implicitWidth: row.width + 40
    implicitHeight: row.height + (size < 28 ? 4 : 16)
    radius: 20
    antialiasing: true
    color: spec.tone === "muted" ? Theme.card : Theme.ground(spec.tone)
    border.width: spec.tone === "muted" ? 2 : 0
    border.color: Theme.line
    Row {
        id: row
        anchors.centerIn: parent
        spacing: 10
        Icon {
            anchors.verticalCenter: parent.verticalCenter
            name: chip.spec.icon
            size: Math.round(chip.size * 1.2)
            color: Theme.tone(chip.spec.tone)
        }
        Words {
            anchors.verticalCenter: parent.verticalCenter
            text: chip.spec.text
            tone: chip.spec.tone
            size: chip.size
            bold: true
            wrapMode: Text.NoWrap
        }
    }
}
