pragma ComponentBehavior: Bound
import QtQuick

// Our own keyboard: letters with pinyin candidates, or digits.
Sheet {
    id: sheet
    share: 0.34
    pad: 32
    gap: 20
    Item {
        id: above
        visible: !sheet.wide
        width: parent.width
        height: typing.height
        Column {
            id: typing
            parent: sheet.wide ? left : above
            width: parent ? parent.width : 0
            spacing: sheet.gap
            Row {
                width: parent.width
                spacing: 24
                Words {
                    id: name
                    width: parent.width - count.width - 24
                    text: sheet.body.title
                    size: 48
                    bold: true
                    cuts: true
                    maximumLineCount: 1
                }
                Words {
                    id: count
                    text: sheet.body.count
                    tone: "muted"
                    wrapMode: Text.NoWrap
                }
            }
            Words {
                width: parent.width
                visible: text !== ""
                text: sheet.body.hint
                tone: "muted"
                size: 34
                cuts: true
                maximumLineCount: 2
            }
            Rectangle {
                width: parent.width
                height: sheet.body.digits ? 132 : Math.min(260, Math.max(132, typed.implicitHeight + 40))
                radius: Theme.radius
                antialiasing: true
                color: Theme.card
                border.width: 4
                border.color: Theme.brand
                clip: true
                Words {
                    id: typed
                    x: 36
                    width: parent.width - 72
                    y: Math.min(parent.height - height - 20, Math.max(20, (parent.height - height) / 2))
                    text: sheet.body.text === "" && sheet.body.letters === "" ? sheet.body.empty : sheet.body.text + sheet.body.letters + "▏"
                    tone: sheet.body.text === "" && sheet.body.letters === "" ? "muted" : "ink"
                    size: sheet.body.digits ? 52 : 42
                    wrapMode: Text.WrapAnywhere
                }
            }
        }
    }
    Flickable {
        id: strip
        visible: sheet.body.strip
        width: parent.width
        height: Theme.halves ? Theme.target : 2 * Theme.target + 12
        contentHeight: words.height
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        interactive: contentHeight > height
        onContentHeightChanged: contentY = 0
        Flow {
            id: words
            width: strip.width
            spacing: 12
            Each {
                id: candidates
                rows: sheet.body.candidates
                Key {
                    id: word
                    required property int index
                    spec: candidates.shown[index]
                    width: Math.max(Theme.target, measure.advanceWidth + 56)
                    size: 44
                    TextMetrics {
                        id: measure
                        font.family: Theme.family
                        font.pixelSize: Theme.px(44)
                        font.bold: true
                        text: word.spec.text
                    }
                }
            }
        }
    }
    KeyRows {
        width: parent.width
        rows: sheet.body.rows
        most: sheet.body.digits ? 3 : 10
        size: sheet.body.digits ? 56 : 44
        keyHeight: sheet.body.digits && !sheet.wide ? 132 : Theme.target
    }
    aside: [
        Item {
            id: left
            visible: sheet.wide
            width: parent.width
            height: typing.height
        }
    ]
    acts: [
        Acts {
            buttons: sheet.body.acts
        }
    ]
}
