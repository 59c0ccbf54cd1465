import QtQuick

// One fact of a part: what it is, and what is known of it.
Item {
    id: fact
    required property var spec

    height: Math.max(label.height, said.height)
    Words {
        id: label
        width: Math.round(parent.width * 0.26)
        text: fact.spec.label
        size: 30
        tone: "muted"
    }
    Words {
        id: said
        x: label.width + 20
        width: parent.width - x
        text: fact.spec.text
        size: 32
        wrapMode: Text.WrapAnywhere
    }
}
