import QtQuick

// A badge; never a target.
Rectangle {
    id: chip
    required property string text
    property string tone: "brand"
    property real most: 900

    width: Math.min(natural.full + 44, most)
    height: words.implicitHeight + 14
    radius: 20
    antialiasing: true
    color: Theme.ground(tone)
    Natural {
        id: natural
        of: words
    }
    Words {
        id: words
        anchors.centerIn: parent
        width: chip.width - 44
        text: chip.text
        tone: chip.tone
        size: 30
        bold: true
        cuts: true
        maximumLineCount: 1
    }
}
