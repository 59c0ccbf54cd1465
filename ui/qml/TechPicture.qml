import QtQuick

// What the thermal camera sees now, or the other one where there is none; a word below says which.
Card {
    id: card
    required property var spec

    pad: 24
    gap: 16
    Image {
        width: parent.width
        height: Math.round(width * (card.spec.thermal ? 0.6 : 0.5625))
        visible: card.spec.live || card.spec.thermal
        source: card.spec.thermal ? "image://thermal/" + Touch.heat : card.spec.live ? "image://live/" + Touch.frame : ""
        fillMode: Image.PreserveAspectFit
        cache: false
        smooth: !card.spec.thermal
    }
    Words {
        width: parent.width
        visible: text !== ""
        text: card.spec.picture
        size: 30
        tone: "muted"
        horizontalAlignment: Text.AlignHCenter
    }
}
