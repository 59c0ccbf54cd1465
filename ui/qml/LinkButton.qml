import QtQuick

// A small way on, without a frame.
Press {
    id: link
    required property var spec

    act: spec.act
    payload: spec.payload
    label: spec.text
    live: spec.live
    width: words.implicitWidth + 84
    height: Theme.target
    Rectangle {
        anchors.fill: parent
        radius: 24
        antialiasing: true
        color: link.down ? Theme.softDown : "transparent"
    }
    Words {
        id: words
        anchors.verticalCenter: parent.verticalCenter
        x: 20
        text: link.spec.text
        size: 36
        bold: true
        tone: link.enabled ? "brand" : "muted"
        wrapMode: Text.NoWrap
        Accessible.ignored: true
    }
    Icon {
        anchors.verticalCenter: parent.verticalCenter
        x: words.x + words.width + 8
        name: link.spec.icon
        size: 40
        color: words.color
    }
}
