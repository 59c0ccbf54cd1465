import QtQuick

// A sentence that matters where it stands, with its sign.
Card {
    id: notice
    required property var spec

    visible: spec.shown
    tone: spec.tone
    pad: 36
    Row {
        width: parent.width
        spacing: 28
        Icon {
            id: sign
            name: notice.spec.icon
            size: 60
            color: Theme.tone(notice.spec.tone)
        }
        Words {
            width: parent.width - sign.width - 28
            text: notice.spec.text
            tone: notice.spec.tone
        }
    }
}
