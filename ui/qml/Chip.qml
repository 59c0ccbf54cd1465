import QtQuick

// A badge; never a target.
Rectangle {
    id: chip
    required property string text
    property string tone: "brand"
    property real most: 900

    width: Math.min(words.implicitWidth + 44, most)
    height: words.implicitHeight + 14
    radius: 20
    antialiasing: true
    color: Theme.ground(tone)
    Words {
        id: words
        anchors.centerIn: parent
        width: Math.min(implicitWidth, chip.most - 44)
        text: chip.text
        tone: chip.tone
        size: 30
        bold: true
        cuts: true
        maximumLineCount: 1
    }
}
