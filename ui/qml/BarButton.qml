import QtQuick

// A button of the bar.
Press {
    id: button
    required property var spec

    act: spec.act
    payload: spec.payload
    label: spec.text
    live: spec.live
    width: Math.max(124, Math.min(words.implicitWidth + 52 + (sign.visible ? sign.width + 8 : 0), 260))
    height: Theme.target
    Rectangle {
        anchors.fill: parent
        radius: 24
        antialiasing: true
        color: button.down ? Theme.barDown : Theme.brand
        border.width: 3
        border.color: Theme.barEdge
    }
    Row {
        anchors.centerIn: parent
        spacing: 8
        Icon {
            id: sign
            anchors.verticalCenter: parent.verticalCenter
            name: button.spec.icon
            size: 40
            color: words.color
        }
        Words {
            id: words
            anchors.verticalCenter: parent.verticalCenter
            width: Math.min(implicitWidth, button.width - 40 - (sign.visible ? sign.width + 8 : 0))
            height: button.height - 8
            text: button.spec.text
            size: 34
            least: 22
            tone: "paleInk"
            horizontalAlignment: Text.AlignHCenter
            verticalAlignment: Text.AlignVCenter
            maximumLineCount: 2
            opacity: button.enabled ? 1 : 0.6
            Accessible.ignored: true
        }
    }
}
