import QtQuick

// How it stands at the lane while the guard looks elsewhere: sign, word, who.
Rectangle {
    id: now
    required property var spec
    readonly property bool filled: spec.tone === "go" || spec.tone === "stop"

    height: 116
    color: spec.tone === "go" ? Theme.go : spec.tone === "stop" ? Theme.stop : Theme.ground(spec.tone)
    Icon {
        id: sign
        x: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
        name: now.spec.icon === "halt" ? "alert" : now.spec.icon
        size: 80
        color: now.filled ? Theme.paleInk : Theme.tone(now.spec.tone)
    }
    Natural {
        id: natural
        of: title
    }
    Words {
        id: title
        x: sign.x + sign.width + 28
        width: Math.min(natural.full, parent.width - x - Theme.margin)
        height: parent.height
        text: now.spec.title
        size: 56
        least: 32
        wrapMode: Text.NoWrap
        bold: true
        tone: now.filled ? "paleInk" : now.spec.tone
        verticalAlignment: Text.AlignVCenter
    }
    Words {
        x: title.x + title.width + 36
        width: Math.max(0, parent.width - x - Theme.margin)
        height: parent.height
        visible: width > 100
        text: now.spec.line
        size: 44
        least: 28
        cuts: true
        maximumLineCount: 1
        tone: now.filled ? "paleInk" : now.spec.tone
        horizontalAlignment: Text.AlignRight
        verticalAlignment: Text.AlignVCenter
    }
}
