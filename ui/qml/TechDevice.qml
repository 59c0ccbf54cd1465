import QtQuick

// One part of the board: name, how it is, its troubles by the hour, a badge; below it what to do. All of it is pressed.
Press {
    id: device
    required property var spec
    property bool first: false
    readonly property int side: 24

    act: spec.press.act
    payload: spec.press.payload
    label: spec.says
    implicitHeight: Math.max(Theme.target, inside.height + 36)
    height: implicitHeight

    Rectangle {
        anchors.fill: parent
        radius: 20
        color: device.down ? Theme.softDown : "transparent"
    }
    Rectangle {
        visible: !device.first
        x: device.side
        width: parent.width - 2 * device.side
        height: 2
        color: Theme.line
    }
    Column {
        id: inside
        x: device.side
        width: parent.width - 2 * device.side
        anchors.verticalCenter: parent.verticalCenter
        spacing: 8
        Item {
            width: parent.width
            height: Math.max(label.height, said.height, badge.height)
            Words {
                id: label
                anchors.verticalCenter: parent.verticalCenter
                width: Math.round(parent.width * 0.2)
                text: device.spec.label
                size: 32
                tone: "muted"
                Accessible.ignored: true
            }
            Words {
                id: said
                anchors.verticalCenter: parent.verticalCenter
                x: label.width + 20
                width: bars.x - x - 20
                text: device.spec.text
                size: 34
                Accessible.ignored: true
            }
            TechBars {
                id: bars
                anchors.right: badge.left
                anchors.rightMargin: 24
                anchors.verticalCenter: parent.verticalCenter
                width: 148
                height: 52
                bars: device.spec.chart
            }
            GateChip {
                id: badge
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                spec: device.spec.chip
                size: 28
            }
        }
        Words {
            visible: text !== ""
            x: label.width + 20
            width: parent.width - x
            text: device.spec.remedy
            size: 30
            tone: device.spec.chip.tone
            Accessible.ignored: true
        }
    }
}
