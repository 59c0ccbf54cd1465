import QtQuick

// One finding: what was looked at, what was found, its badge.
Item {
    id: row
    required property var spec
    property real letters: 38
    property bool first: false
    property real ems: 8
    readonly property bool together: 1.07 * strong.full + 24 + rest.full <= words.width
    readonly property real size: together || spec.strong === "" ? letters : Math.min(letters, height * 0.31)

    Rectangle {
        visible: !row.first
        width: parent.width
        height: 2
        color: Theme.line
    }
    Words {
        id: label
        width: Math.min(parent.width * 0.29, row.ems * row.letters + 12)
        height: parent.height
        text: row.spec.label
        size: row.letters
        least: 24
        tone: "muted"
        wrapMode: Text.WordWrap
        maximumLineCount: 2
        verticalAlignment: Text.AlignVCenter
    }
    Item {
        id: words
        x: label.width + 20
        width: badge.x - x - 20
        height: parent.height
        Natural {
            id: strong
            of: label
            text: row.spec.strong
        }
        Natural {
            id: rest
            of: label
            text: row.spec.text
        }
        Words {
            id: bold
            y: row.together || text.text === "" ? 0 : 2
            visible: text !== ""
            height: row.together ? parent.height : parent.height / 2
            text: row.spec.strong
            size: row.size
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
            size: row.size
            least: 22
            wrapMode: bold.text === "" ? Text.WordWrap : Text.NoWrap
            maximumLineCount: bold.text === "" ? 2 : 1
            verticalAlignment: row.together || bold.text === "" ? Text.AlignVCenter : Text.AlignTop
        }
    }
    GateChip {
        id: badge
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spec: row.spec.chip
        size: Math.min(30, row.letters)
    }
}
