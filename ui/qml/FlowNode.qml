import QtQuick

// The circle of one step: its number, or a sign for done and refused.
Rectangle {
    id: node
    required property var spec
    readonly property bool done: spec.state === "done"
    readonly property bool bad: spec.state === "bad"
    readonly property bool now: spec.state === "now"

    width: 84
    height: 84
    radius: 42
    antialiasing: true
    color: done ? Theme.go : bad ? Theme.stop : now ? Theme.brand : Theme.soft
    border.width: done || bad || now ? 0 : Theme.contrast ? 3 : 0
    border.color: Theme.brand
    Words {
        anchors.centerIn: parent
        visible: node.spec.icon === ""
        text: node.spec.mark
        font.pixelSize: 38
        bold: true
        tone: node.now ? "paleInk" : "brand"
    }
    Icon {
        anchors.centerIn: parent
        name: node.spec.icon
        size: 44
        color: Theme.paleInk
    }
}
