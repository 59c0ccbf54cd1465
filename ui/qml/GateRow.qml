import QtQuick

// One finding: what was looked at, what was found, its badge.
Item {
    id: row
    required property var spec
    property real letters: 38
    property bool first: false
    readonly property bool together: bold.implicitWidth + 24 + rest.full <= words.width

    Rectangle {
        visible: !row.first
        width: parent.width
        height: 2
        color: Theme.line
    }
    Words {
        id: label
        width: Math.min(parent.width * 0.27, 250)
        height: parent.height
        text: row.spec.label
        size: row.letters
        least: 26
        tone: "muted"
        maximumLineCount: 2
        verticalAlignment: Text.AlignVCenter
    }
    Item {
        id: words
        x: label.width + 20
        width: badge.x - x - 20
        height: parent.height
        Natural {
            id: rest
            of: text
        }
        Words {
            id: bold
            y: row.together || text.text === "" ? 0 : 2
            visible: text !== ""
            height: row.together ? parent.height : parent.height / 2
            text: row.spec.strong
            size: row.letters
            bold: true
            wrapMode: Text.NoWrap
            verticalAlignment: row.together ? Text.AlignVCenter : Text.AlignBottom
        }
        Words {
            id: text
            x: row.together && bold.text !== "" ? bold.implicitWidth + 24 : 0
            y: row.together || bold.text === "" ? 0 : parent.height / 2
            width: parent.width - x
            height: parent.height - y
            text: row.spec.text
            size: row.letters
            least: 22
            cuts: true
            maximumLineCount: bold.text === "" ? 2 : 1
            verticalAlignment: row.together || bold.text === "" ? Text.AlignVCenter : Text.AlignTop
        }
    }
    GateChip {
        id: badge
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spec: row.spec.chip
        size: 30
    }
}
