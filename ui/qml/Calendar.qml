pragma ComponentBehavior: Bound
import QtQuick

// A month to choose a day from, and the time of day where it is asked. Wide, days stand left and the time right.
Sheet {
    id: sheet
    share: 0.5
    pad: sheet.wide ? 32 : 40
    low: true
    gap: 20
    readonly property int slit: 10
    Row {
        width: parent.width
        spacing: 32
        Words {
            id: title
            width: Math.min(natural.full, parent.width - shown.width - 32)
            text: sheet.body.title
            size: 48
            bold: true
            cuts: true
            maximumLineCount: 1
        }
        Words {
            id: shown
            text: sheet.body.shown
            size: 48
            bold: true
            tone: "brand"
            wrapMode: Text.NoWrap
        }
    }
    Item {
        width: parent.width
        height: Theme.target
        Turn {
            spec: sheet.body.before
        }
        Words {
            anchors.centerIn: parent
            width: parent.width - 300
            height: parent.height
            text: sheet.body.month
            font.pixelSize: 44
            bold: true
            horizontalAlignment: Text.AlignHCenter
            verticalAlignment: Text.AlignVCenter
            maximumLineCount: 1
        }
        Turn {
            anchors.right: parent.right
            spec: sheet.body.after
        }
    }
    Item {
        id: below
        visible: !sheet.wide
        width: parent.width
        height: month.height
        Column {
            id: month
            parent: sheet.wide ? left : below
            width: parent ? parent.width : 0
            spacing: 12
            Row {
                spacing: sheet.slit
                Each {
                    id: week
                    rows: sheet.body.weekdays
                    Words {
                        required property int index
                        width: (month.width - 6 * sheet.slit) / 7
                        text: week.shown[index]
                        font.pixelSize: 34
                        tone: "muted"
                        horizontalAlignment: Text.AlignHCenter
                    }
                }
            }
            Grid {
                columns: 7
                columnSpacing: sheet.slit
                rowSpacing: sheet.slit
                Each {
                    id: days
                    rows: sheet.body.days
                    DayCell {
                        required property int index
                        spec: days.shown[index]
                        dim: !days.shown[index].here
                        today: days.shown[index].today && days.shown[index].here
                        width: Math.floor((month.width - 6 * sheet.slit) / 7)
                    }
                }
            }
        }
    }
    Words {
        width: parent.width
        visible: sheet.body.hours_title !== "" && !Theme.large
        text: sheet.body.hours_title
        size: 44
        bold: true
    }
    Grid {
        id: hours
        visible: sheet.body.hours_title !== ""
        width: parent.width
        columns: 8
        columnSpacing: sheet.slit
        rowSpacing: sheet.slit
        Each {
            id: hourCells
            rows: sheet.body.hours
            DayCell {
                required property int index
                spec: hourCells.shown[index]
                width: Math.floor((hours.width - 7 * sheet.slit) / 8)
            }
        }
    }
    Grid {
        id: minutes
        visible: sheet.body.hours_title !== ""
        width: parent.width
        columns: 4
        columnSpacing: sheet.slit
        rowSpacing: sheet.slit
        Each {
            id: minuteCells
            rows: sheet.body.minutes
            DayCell {
                required property int index
                spec: minuteCells.shown[index]
                width: Math.floor((minutes.width - 3 * sheet.slit) / 4)
            }
        }
    }
    Natural {
        id: natural
        of: title
    }
    aside: [
        Item {
            id: left
            visible: sheet.wide
            width: parent.width
            height: month.height
        }
    ]
    acts: [
        Acts {
            buttons: sheet.body.acts
        }
    ]
}
