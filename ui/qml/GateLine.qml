import QtQuick

// One person on the guard's list.
Rectangle {
    id: line
    required property var spec

    height: 128
    radius: 24
    antialiasing: true
    color: Theme.card
    border.width: 2
    border.color: Theme.line
    Icon {
        id: sign
        x: 24
        anchors.verticalCenter: parent.verticalCenter
        name: line.spec.icon
        size: 64
        color: Theme.tone(line.spec.tone)
    }
    Column {
        id: when
        x: 108
        width: 150
        anchors.verticalCenter: parent.verticalCenter
        Words {
            text: line.spec.time
            size: 38
            bold: true
            wrapMode: Text.NoWrap
        }
        Words {
            width: parent.width
            height: 44
            text: line.spec.outcome
            size: 32
            least: 24
            tone: line.spec.tone
            bold: true
            maximumLineCount: 1
        }
    }
    Column {
        x: when.x + when.width + 16
        width: right.x - x - 20
        anchors.verticalCenter: parent.verticalCenter
        Words {
            width: parent.width
            text: line.spec.person
            size: 38
            bold: true
            cuts: true
            maximumLineCount: 1
        }
        Words {
            width: parent.width
            visible: text !== ""
            height: 66
            text: line.spec.reasons
            size: 30
            least: 20
            tone: "muted"
            maximumLineCount: 2
        }
    }
    Column {
        id: right
        width: 260
        anchors.right: parent.right
        anchors.rightMargin: 28
        anchors.verticalCenter: parent.verticalCenter
        Words {
            width: parent.width
            text: line.spec.temperature
            size: 36
            horizontalAlignment: Text.AlignRight
        }
        Words {
            width: parent.width
            visible: text !== ""
            text: line.spec.passed
            size: 30
            tone: "muted"
            horizontalAlignment: Text.AlignRight
        }
    }
}
