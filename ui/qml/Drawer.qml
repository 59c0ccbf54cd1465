import QtQuick

// One category with the number of its services.
Press {
    id: drawer
    required property var spec

    act: spec.act
    payload: spec.payload
    label: spec.text
    height: 124
    Rectangle {
        anchors.fill: parent
        radius: 24
        antialiasing: true
        color: drawer.down ? Theme.soft : Theme.card
        border.width: 3
        border.color: Theme.edge
    }
    Row {
        anchors.centerIn: parent
        spacing: 14
        Words {
            anchors.verticalCenter: parent.verticalCenter
            width: Math.min(implicitWidth, drawer.width - count.width - 54)
            height: Math.min(implicitHeight, drawer.height - 8)
            text: drawer.spec.text
            size: 36
            least: 24
            maximumLineCount: 2
            horizontalAlignment: Text.AlignHCenter
            verticalAlignment: Text.AlignVCenter
            Accessible.ignored: true
        }
        Words {
            id: count
            anchors.verticalCenter: parent.verticalCenter
            text: drawer.spec.count
            size: 36
            tone: "muted"
            Accessible.ignored: true
        }
    }
}
