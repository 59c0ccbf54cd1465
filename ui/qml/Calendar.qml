pragma ComponentBehavior: Bound
import QtQuick

// A month to choose a day from, and the time of day where it is asked. Wide, days stand left and the time right.
Sheet {
    id: sheet
    pad: 40
    low: true
    gap: 24
    readonly property int slit: 10
    Words {
        width: parent.width
        visible: !sheet.wide
        text: sheet.body.title
        size: 48
        bold: true
        cuts: true
        maximumLineCount: 1
    }
    Item {
        width: parent.width
        height: sheet.wide ? Math.max(left.height, right.height) : left.height + right.height + 24
        Column {
            id: left
            width: sheet.wide ? Math.round(parent.width * 0.55) - 40 : parent.width
            spacing: 16
            Item {
                width: parent.width
                height: Theme.target
                Turn {
                    id: before
                    spec: sheet.body.before
                }
                Words {
                    anchors.centerIn: parent
                    width: parent.width - 300
                    text: sheet.body.month
                    size: 44
                    bold: true
                    horizontalAlignment: Text.AlignHCenter
                    least: 30
                    height: parent.height
                    verticalAlignment: Text.AlignVCenter
                    maximumLineCount: 1
                }
                Turn {
                    id: after
                    anchors.right: parent.right
                    spec: sheet.body.after
                }
            }
            Row {
                spacing: sheet.slit
                Each {
                    id: week
                    rows: sheet.body.weekdays
                    Words {
                        required property int index
                        width: (left.width - 6 * sheet.slit) / 7
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
                        width: Math.floor((left.width - 6 * sheet.slit) / 7)
                    }
                }
            }
        }
        Column {
            id: right
            x: sheet.wide ? left.width + 80 : 0
            y: sheet.wide ? 0 : left.height + 24
            width: parent.width - x
            spacing: 20
            Words {
                width: parent.width
                visible: sheet.wide
                text: sheet.body.title
                size: 48
                bold: true
                cuts: true
                maximumLineCount: 1
            }
            Words {
                width: parent.width
                visible: sheet.body.hours_title !== ""
                text: sheet.body.hours_title
                size: 44
                bold: true
            }
            Grid {
                id: hours
                visible: sheet.body.hours_title !== ""
                width: parent.width
                columns: sheet.wide ? 4 : 8
                columnSpacing: sheet.slit
                rowSpacing: sheet.slit
                Each {
                    id: hourCells
                    rows: sheet.body.hours
                    DayCell {
                        required property int index
                        spec: hourCells.shown[index]
                        width: Math.floor((hours.width - (hours.columns - 1) * sheet.slit) / hours.columns)
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
            Words {
                width: parent.width
                text: sheet.body.shown
                size: 44
                bold: true
                tone: "brand"
                horizontalAlignment: Text.AlignHCenter
            }
        }
    }
    acts: [
        Acts {
            buttons: sheet.body.acts
        }
    ]
}
