pragma ComponentBehavior: Bound
import QtQuick

// Whom to call, and what to tell them.
Sheet {
    id: sheet
    middle: true
    gap: 32
    Heading {
        size: 72
        title: sheet.body.title
        hint: sheet.body.text
    }
    Card {
        gap: 4
        Row {
            width: parent.width
            spacing: 28
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                name: "phone"
                size: 88
            }
            Column {
                width: parent.width - 116
                Words {
                    width: parent.width
                    text: sheet.body.call
                    tone: "muted"
                }
                Words {
                    width: parent.width
                    text: sheet.body.phone
                    size: 60
                    bold: true
                }
            }
        }
    }
    Column {
        width: parent.width
        spacing: 12
        Each {
            id: rows
            rows: sheet.body.rows
            Row {
                id: row
                required property int index
                width: parent ? parent.width : 0
                spacing: 24
                Words {
                    width: Math.min(parent.width * 0.42, 420)
                    text: rows.shown[row.index].label
                    tone: "muted"
                }
                Words {
                    width: parent.width - x
                    text: rows.shown[row.index].text
                    bold: true
                }
            }
        }
    }
    acts: [
        Acts {
            buttons: sheet.body.acts
        }
    ]
}
