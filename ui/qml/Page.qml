import QtQuick

// The frame of a screen. Upright it is one scrolling column with the acts below. Wide, the `lead` (what is told)
// stands left and the rest right. In low reach the lead keeps the upper half, everything to press the lower one.
Item {
    id: page
    required property var body
    property alias lead: leadColumn.data
    default property alias content: contentColumn.data
    property alias acts: dockColumn.data
    property bool centred: false
    property int gap: 40
    property real leadShare: 0.5
    readonly property bool wide: Theme.landscape
    readonly property bool halves: wide || Theme.lowReach
    readonly property int side: Theme.margin
    readonly property bool low: Theme.lowReach && !wide
    readonly property int air: low ? 24 : 48
    readonly property int half: Theme.half
    readonly property real columnWidth: contentColumn.width
    readonly property real docked: dock.visible ? dock.height + Theme.gap : 0
    readonly property real room: contentFlick.height
    property alias leadRoom: leadFlick.height
    property alias leadWidth: leadColumn.width

    Flickable {
        id: leadFlick
        visible: page.halves
        x: 0
        y: 0
        width: page.wide ? Math.round(page.width * page.leadShare) : page.width
        height: page.wide ? page.height : page.half
        contentHeight: leadColumn.height + 2 * page.air
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        interactive: contentHeight > height
    }
    Flickable {
        id: contentFlick
        x: page.wide ? leadFlick.width : 0
        y: page.wide || !page.halves ? 0 : page.half
        width: page.width - x
        height: page.height - y - page.docked
        contentHeight: whole.height + 2 * page.air
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        interactive: contentHeight > height
        Column {
            id: whole
            x: page.wide ? page.side / 2 : page.side
            y: page.centred ? Math.max(page.air, (contentFlick.height - height) / 2) : page.air
            width: contentFlick.width - page.side - x
            spacing: page.gap
            Item {
                id: here
                visible: !page.halves && leadColumn.children.length > 0
                width: parent.width
                height: leadColumn.height
            }
            Column {
                id: contentColumn
                width: parent.width
                spacing: page.gap
            }
        }
    }
    Column {
        id: leadColumn
        parent: page.halves ? leadFlick.contentItem : here
        x: page.halves ? page.side : 0
        y: page.low ? Math.max(page.air, leadFlick.height - height - page.air) : page.halves ? Math.max(page.air, page.centred ? (leadFlick.height - height) / 2 : 0) : 0
        width: page.halves ? leadFlick.width - page.side - (page.wide ? page.side / 2 : page.side) : here.width
        spacing: page.gap
    }
    More {
        flick: contentFlick
        slack: page.air - 4
    }
    More {
        flick: leadFlick
        slack: page.air - 4
    }
    Item {
        id: dock
        visible: dockColumn.children.length > 0
        x: contentFlick.x + (page.wide ? page.side / 2 : page.side)
        width: contentFlick.width - page.side - (page.wide ? page.side / 2 : page.side)
        height: dockColumn.height + 56
        y: page.height - height
        Column {
            id: dockColumn
            width: parent.width
            spacing: Theme.gap
        }
    }
}
