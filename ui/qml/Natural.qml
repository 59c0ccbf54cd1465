import QtQuick

// How wide a text is on one line. An elided Text does not know this of itself when its words change.
TextMetrics {
    required property Text of
    readonly property real full: Math.ceil(advanceWidth) + 2

    font: of.font
    text: of.text
}
