import QtQuick

// One refused record: what, when, why, and a way to send it again.
Card {
    id: letter
    required property var spec

    pad: 32
    Item {
        width: parent.width
        height: Math.max(told.height, again.height)
        Column {
            id: told
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - again.width - Theme.gap
            spacing: 6
            Words {
                width: parent.width
                text: letter.spec.title
                size: 38
                bold: true
            }
            Words {
                width: parent.width
                visible: text !== ""
                text: letter.spec.receipt
                size: 32
            }
            Words {
                width: parent.width
                text: letter.spec.sub
                size: 30
                tone: "muted"
            }
            Words {
                width: parent.width
                text: letter.spec.reason
                size: 32
                tone: "stop"
            }
        }
        BigButton {
            id: again
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            width: 240
            height: Theme.target
            size: 36
            spec: letter.spec.again
            label: letter.spec.says
        }
    }
}
