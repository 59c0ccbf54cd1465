import QtQuick

// One text. `least` lets it shrink before it is cut; `cuts` says that cutting a long one is meant.
Text {
    property real size: 38
    property string tone: "ink"
    property bool bold: false
    property bool cuts: false
    property real least: 0

    color: Theme.tone(tone)
    font.family: Theme.family
    font.pixelSize: Theme.px(size)
    font.weight: bold ? Font.Bold : Font.Normal
    minimumPixelSize: least > 0 ? least : 12
    fontSizeMode: least > 0 ? Text.Fit : Text.FixedSize
    textFormat: Text.PlainText
    wrapMode: Text.Wrap
    elide: cuts ? Text.ElideRight : Text.ElideNone
    Accessible.role: Accessible.StaticText
    Accessible.name: text
}
