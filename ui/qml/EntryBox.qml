import QtQuick

// A box for what is typed on the pad; a touch makes it the active one.
Press {
    id: box
    required property var spec

    act: spec.act
    payload: spec.payload
    label: spec.label + " " + (spec.secret ? "" : spec.text)
    live: spec.live
    chosen: spec.active
    height: 132
    readonly property bool narrow: width < 600
    Rectangle {
        anchors.fill: parent
        radius: Theme.radius
        antialiasing: true
        color: Theme.card
        border.width: box.spec.active ? 5 : 3
        border.color: box.spec.active ? Theme.brand : Theme.edge
    }
    Words {
        id: name
        x: box.narrow ? 32 : 40
        y: box.narrow ? 4 : (parent.height - height) / 2
        size: box.narrow ? 30 : 38
        width: box.narrow ? box.width - 64 : Math.min(Math.max(natural.full, 170), box.width * 0.4)
        text: box.spec.label
        tone: "muted"
        wrapMode: Text.NoWrap
        Accessible.ignored: true
    }
    Natural {
        id: natural
        of: name
    }
    Words {
        id: typed
        x: box.narrow ? 32 : name.x + name.width + 28
        y: box.narrow ? name.height : 10
        width: box.width - x - 32
        height: parent.height - y - (box.narrow ? 4 : 10)
        verticalAlignment: Text.AlignVCenter
        text: box.spec.text === "" ? box.spec.empty : box.spec.text
        tone: box.spec.text === "" ? "muted" : "ink"
        bold: box.spec.text !== ""
        size: box.spec.text === "" ? 38 : box.spec.secret ? 40 : 52
        least: 28
        font.letterSpacing: box.spec.text === "" ? 0 : 4
        maximumLineCount: 1
        Accessible.ignored: true
    }
    Rectangle {
        visible: box.spec.active
        x: typed.x + (box.spec.text === "" ? -12 : Math.min(typed.contentWidth, typed.width) + 6)
        y: typed.y + (typed.height - height) / 2
        width: 5
        height: Math.min(60, typed.height - 8)
        color: Theme.brand
    }
}
