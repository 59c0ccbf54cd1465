import QtQuick

// The acts of a screen: filled is the one meant, outlined the others. `spec` is a button of the view.
Press {
    id: button
    required property var spec
    property real size: 48
    readonly property bool filled: spec.tone === "primary" || spec.tone === "stop"
    readonly property color ground: spec.tone === "stop" ? Theme.stop : Theme.brand

    act: spec.act
    payload: spec.payload
    label: spec.text
    live: spec.live
    chosen: spec.chosen
    implicitHeight: Theme.button
    implicitWidth: Math.max(280, words.implicitWidth + 80 + (sign.visible ? sign.width + 20 : 0))

    Rectangle {
        anchors.fill: parent
        radius: Theme.radius
        antialiasing: true
        color: button.filled ? (button.enabled ? (button.down ? Theme.brandDown : button.ground) : Theme.dead) : (button.down ? Theme.softDown : Theme.card)
        border.width: button.filled ? 0 : 4
        border.color: button.enabled ? Theme.brand : Theme.edge
    }
    Row {
        anchors.centerIn: parent
        spacing: 20
        Icon {
            id: sign
            anchors.verticalCenter: parent.verticalCenter
            name: button.spec.icon
            size: 56
            color: words.color
        }
        Words {
            id: words
            anchors.verticalCenter: parent.verticalCenter
            width: Math.min(implicitWidth, button.width - 56 - (sign.visible ? sign.width + 20 : 0))
            height: Math.min(implicitHeight, button.height - 12)
            text: button.spec.text
            size: button.size
            least: 24
            bold: true
            horizontalAlignment: Text.AlignHCenter
            verticalAlignment: Text.AlignVCenter
            maximumLineCount: 2
            color: button.filled ? (button.enabled ? Theme.paleInk : Theme.faint) : (button.enabled ? Theme.brand : Theme.muted)
            Accessible.ignored: true
        }
    }
}
