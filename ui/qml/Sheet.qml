import QtQuick

// The frame of an overlay: a veil that takes every touch, and a sheet at the bottom (or in the middle). What does not
// fit scrolls; the acts stay. Wide, `aside` stands left. `low` keeps the whole sheet in the lower half where wanted.
Item {
    id: sheet
    required property var body
    default property alias content: inside.data
    property alias aside: beside.data
    property alias acts: dock.data
    property bool middle: false
    property bool low: false
    property int gap: Theme.gap
    property int pad: Theme.margin
    property real share: 0.4
    property real most: 1320
    readonly property bool wide: Theme.landscape
    readonly property bool split: wide && beside.children.length > 0
    readonly property real round: middle ? 0 : Theme.radius
    readonly property real own: inside.height + dock.height + (dock.height > 0 ? Theme.gap : 0)
    readonly property real tall: Math.max(own, split ? beside.height : 0) + 2 * pad + round
    readonly property real limit: low && Theme.lowReach && !wide ? height - Theme.half : height - (middle ? 48 : 24)
    readonly property real contentX: split ? pad + Math.round((board.width - 2 * pad) * share) + 48 : pad

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
        height: Math.min(sheet.limit + sheet.round, sheet.tall)
        x: (sheet.width - width) / 2
        y: sheet.middle && !(Theme.lowReach && !sheet.wide) ? (sheet.height - height) / 2 : sheet.height - height + sheet.round - (sheet.middle ? 24 : 0)
        radius: Theme.radius
        antialiasing: true
        color: Theme.paper
        border.width: Theme.contrast ? 4 : 0
        border.color: Theme.ink
        Column {
            id: beside
            visible: sheet.split
            x: sheet.pad
            y: sheet.pad
            width: sheet.contentX - sheet.pad - 48
            spacing: sheet.gap
        }
        Flickable {
            id: scroll
            x: sheet.contentX
            y: sheet.pad
            width: board.width - sheet.pad - x
            height: dock.y - y - (dock.height > 0 ? Theme.gap : 0)
            contentHeight: inside.height
            clip: contentHeight > height
            boundsBehavior: Flickable.StopAtBounds
            interactive: contentHeight > height
            Column {
                id: inside
                width: scroll.width
                spacing: sheet.gap
            }
        }
        More {
            flick: scroll
        }
        Column {
            id: dock
            x: sheet.contentX
            y: board.height - height - sheet.pad - sheet.round
            width: board.width - sheet.pad - x
        }
    }
}
