import QtQuick

// One service as a card to press.
Press {
    id: tile
    required property var spec

    act: spec.act
    payload: spec.payload
    label: spec.title
    readonly property int rows: width > 640 ? 108 : spec.lines * 64 + spec.sub_lines * 44
    height: Math.max(180, Theme.px(rows) + 48)
    Rectangle {
        anchors.fill: parent
        radius: Theme.radius
        antialiasing: true
        color: tile.down ? Theme.soft : Theme.card
        border.width: 3
        border.color: Theme.edge
    }
    Rectangle {
        id: badge
        x: 32
        anchors.verticalCenter: parent.verticalCenter
        width: 96
        height: 96
        radius: 24
        antialiasing: true
        color: Theme.soft
        Words {
            anchors.centerIn: parent
            text: tile.spec.glyph
            font.pixelSize: 46
            bold: true
            tone: "brand"
            Accessible.ignored: true
        }
    }
    Column {
        id: words
        x: 152
        width: tile.width - x - 24
        anchors.verticalCenter: parent.verticalCenter
        Words {
            width: parent.width
            text: tile.spec.title
            size: tile.spec.size
            wrapMode: Text.WordWrap
            bold: true
            cuts: true
            maximumLineCount: Math.max(2, tile.spec.lines)
            Accessible.ignored: true
        }
        Words {
            width: parent.width
            text: tile.spec.sub
            size: 30
            tone: tile.spec.tone
            cuts: true
            maximumLineCount: 2
            Accessible.ignored: true
        }
    }
}
