import QtQuick

// What the campus knows; a touch corrects what is not the campus's own.
Press {
    id: row
    required property var spec
    property bool last: false

    act: spec.edit.act
    payload: spec.edit.payload
    label: spec.label + " " + (live ? spec.edit.text : spec.text)
    live: spec.edit.live
    width: parent ? parent.width : 0
    height: Math.max(live || !Theme.landscape ? Theme.target : 88, inside.height + 36 + (wrong.visible ? wrong.height + 12 : 0))
    objectName: live ? "act." + act + "." + payload : "known." + payload
    Accessible.role: live ? Accessible.Button : Accessible.StaticText
    Rectangle {
        anchors.fill: parent
        radius: 24
        color: row.down ? Theme.soft : Theme.card
        border.width: row.spec.error === "" ? 0 : 4
        border.color: Theme.stop
    }
    Rectangle {
        visible: !row.last
        x: 32
        width: parent.width - 64
        height: 2
        y: parent.height - 2
        color: Theme.line
    }
    Item {
        id: inside
        x: 32
        width: parent.width - 64
        height: Math.max(mark.height, Theme.large ? name.height + value.height : Math.max(name.height, value.height))
        y: wrong.visible ? 18 : (parent.height - height) / 2
        Words {
            id: name
            width: 260
            text: row.spec.label
            tone: "muted"
        }
        Words {
            id: value
            x: Theme.large ? 0 : 280
            y: Theme.large ? name.height : 0
            width: mark.x - x - 20
            text: row.spec.text === "" ? row.spec.placeholder : row.spec.text
            tone: row.spec.text === "" ? "muted" : "ink"
            cuts: true
            maximumLineCount: 2
        }
        Row {
            id: mark
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            spacing: 16
            Chip {
                anchors.verticalCenter: parent.verticalCenter
                visible: row.spec.badge !== "" && row.spec.locked
                text: row.spec.badge
            }
            Words {
                anchors.verticalCenter: parent.verticalCenter
                visible: row.enabled
                text: row.spec.edit.text
                size: 36
                bold: true
                tone: "brand"
                wrapMode: Text.NoWrap
            }
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                visible: row.enabled
                name: "forward"
                size: 36
            }
        }
    }
    Words {
        id: wrong
        visible: text !== ""
        x: 32
        y: inside.y + inside.height + 8
        width: parent.width - 64
        text: row.spec.error
        tone: "stop"
        size: 34
    }
}
