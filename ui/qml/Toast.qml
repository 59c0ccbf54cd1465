import QtQuick

// One passing sentence over the screen; a touch puts it away.
Item {
    id: toast
    required property var spec
    property real beneath: 136
    property real above: 0
    readonly property bool aside: spec.below && Theme.landscape

    visible: spec.text !== ""
    Press {
        id: strip
        act: "dismiss"
        label: toast.spec.text
        x: toast.aside ? Math.round(parent.width * 0.52) + Theme.margin / 2 : Theme.margin
        width: parent.width - x - Theme.margin
        height: Math.max(toast.spec.below ? 248 : 168, words.implicitHeight + 56)
        y: toast.spec.below ? parent.height - toast.above - Theme.button - 84 - height : Theme.lowReach && !Theme.landscape ? Theme.half - height - 28 : toast.beneath + 24
        Rectangle {
            anchors.fill: parent
            radius: Theme.radius
            antialiasing: true
            color: Theme.ground(toast.spec.tone)
            border.width: 4
            border.color: Theme.tone(toast.spec.tone)
        }
        Icon {
            id: sign
            x: 36
            anchors.verticalCenter: parent.verticalCenter
            name: toast.spec.icon
            size: 64
            color: Theme.tone(toast.spec.tone)
        }
        Words {
            id: words
            x: sign.x + sign.width + 28
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - x - 36
            text: toast.spec.text
            tone: toast.spec.tone
            size: 42
            bold: true
            Accessible.ignored: true
        }
    }
}
