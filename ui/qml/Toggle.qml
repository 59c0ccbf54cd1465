import QtQuick

// One way of having the screen otherwise: on or off.
Press {
    id: pill
    required property var spec
    property bool dark: false

    act: spec.act
    payload: spec.payload
    label: spec.text
    chosen: spec.chosen
    width: words.implicitWidth + 56
    height: Theme.target
    Accessible.checkable: true
    Accessible.checked: chosen
    Rectangle {
        anchors.fill: parent
        radius: 24
        antialiasing: true
        color: pill.dark ? (pill.chosen ? Theme.card : pill.down ? Theme.barDown : Theme.brand) : (pill.chosen ? Theme.brand : pill.down ? Theme.softDown : Theme.card)
        border.width: 3
        border.color: pill.dark ? Theme.barEdge : pill.chosen ? Theme.brand : Theme.edge
    }
    Words {
        id: words
        anchors.centerIn: parent
        text: pill.spec.text
        font.pixelSize: 34
        bold: pill.chosen
        tone: pill.dark ? (pill.chosen ? "brand" : "paleInk") : (pill.chosen ? "paleInk" : "ink")
        wrapMode: Text.NoWrap
        Accessible.ignored: true
    }
}
