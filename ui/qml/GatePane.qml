import QtQuick

// The frame of the guard's side: how it stands at the lane, the content, the acts.
Rectangle {
    id: pane
    required property var body
    default property alias content: inside.data
    readonly property bool wide: Theme.landscape
    readonly property real room: acts.y - inside.y - 28

    color: Theme.paper
    MouseArea {
        anchors.fill: parent
        acceptedButtons: Qt.AllButtons
        onWheel: wheel => wheel.accepted = true
    }
    GateNow {
        id: now
        width: parent.width
        spec: pane.body.now
    }
    Item {
        id: inside
        x: Theme.margin
        y: now.height + 28
        width: pane.width - 2 * Theme.margin
        height: pane.room
    }
    Acts {
        id: acts
        x: Theme.margin
        y: pane.height - height - 36
        width: pane.width - 2 * Theme.margin
        buttons: pane.body.acts
    }
}
