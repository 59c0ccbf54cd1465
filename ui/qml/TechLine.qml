import QtQuick

// One line: what, when and whose, and what it says.
Card {
    id: line
    required property var spec

    pad: 20
    gap: 6
    Item {
        width: parent.width
        height: Math.max(what.height, when.height)
        Words {
            id: what
            width: parent.width - when.width - 20
            text: line.spec.title
            size: 30
            bold: true
            tone: line.spec.tone
        }
        Words {
            id: when
            anchors.right: parent.right
            width: implicitWidth
            text: line.spec.sub
            size: 28
            least: 20
            tone: "muted"
            wrapMode: Text.NoWrap
        }
    }
    Words {
        width: parent.width
        visible: text !== ""
        text: line.spec.text
        size: 28
        wrapMode: Text.WrapAnywhere
    }
}
