import QtQuick

// One number of the technician's page: what it counts, the number, a word about it.
Rectangle {
    id: stat
    required property var spec

    implicitHeight: inside.height + 44
    radius: Theme.radius
    antialiasing: true
    color: Theme.card
    border.width: 2
    border.color: Theme.line
    Column {
        id: inside
        x: 28
        y: 22
        width: stat.width - 56
        Words {
            width: parent.width
            height: Theme.px(44)
            text: stat.spec.label
            size: 32
            least: 20
            tone: "muted"
            wrapMode: Text.NoWrap
            verticalAlignment: Text.AlignVCenter
        }
        Words {
            width: parent.width
            height: Theme.px(84)
            text: stat.spec.number
            size: 64
            least: 30
            bold: true
            tone: stat.spec.tone
            wrapMode: Text.NoWrap
            verticalAlignment: Text.AlignVCenter
        }
        Words {
            width: parent.width
            height: Theme.px(76)
            text: stat.spec.sub
            size: 28
            least: 20
            tone: "muted"
            maximumLineCount: 2
        }
    }
}
