import QtQuick

// The frame of an overlay: a veil that takes every touch, and a sheet at the bottom (or in the middle).
Item {
    id: sheet
    required property var body
    default property alias content: inside.data
    property bool middle: false
    property int gap: Theme.gap
    property int pad: Theme.margin
    property real most: 1320
    property real tall: inside.height + 2 * pad
    readonly property real columnWidth: inside.width
    readonly property bool wide: Theme.landscape

    Rectangle {
        anchors.fill: parent
        color: Theme.veil
    }
    MouseArea {
        anchors.fill: parent
        acceptedButtons: Qt.AllButtons
        onWheel: wheel => wheel.accepted = true
    }
    Rectangle {
        id: board
        width: sheet.middle ? Math.min(sheet.width - 2 * Theme.margin, sheet.most) : sheet.width
        height: Math.min(sheet.height, sheet.tall + (sheet.middle ? 0 : Theme.radius))
        x: (sheet.width - width) / 2
        y: sheet.middle ? (Theme.lowReach && !sheet.wide ? sheet.height - height - Theme.margin : (sheet.height - height) / 2) : sheet.height - height + Theme.radius
        radius: Theme.radius
        antialiasing: true
        color: Theme.paper
        border.width: Theme.contrast ? 4 : 0
        border.color: Theme.ink
        Column {
            id: inside
            x: sheet.pad
            y: sheet.pad
            width: board.width - 2 * sheet.pad
            spacing: sheet.gap
        }
    }
}
