pragma ComponentBehavior: Bound
import QtQuick

// A class signs in: the sentence for whoever comes, the rate for everybody.
GatePanel {
    id: panel
    readonly property var ask: body.ask
    Column {
        anchors.centerIn: parent
        width: parent.width - 2 * Theme.margin
        spacing: 36
        Row {
            width: parent.width
            spacing: 40
            Sign {
                id: sign
                anchors.verticalCenter: parent.verticalCenter
                width: size
                name: panel.ask.icon
                tone: panel.ask.tone
                size: 176
            }
            Column {
                anchors.verticalCenter: parent.verticalCenter
                width: parent.width - sign.width - 40
                spacing: 8
                Words {
                    width: parent.width
                    text: panel.ask.title
                    size: 72
                    bold: true
                    lineHeight: 0.95
                }
                Words {
                    width: parent.width
                    visible: text !== "" && !steps.visible
                    text: panel.ask.hint
                    size: 40
                    tone: "muted"
                }
                GateSteps {
                    id: steps
                    visible: rows.length > 0
                    rows: panel.ask.steps
                }
            }
        }
        Card {
            gap: 20
            Row {
                width: parent.width
                Words {
                    width: parent.width - when.width
                    text: panel.body.title
                    size: 48
                    bold: true
                    cuts: true
                    maximumLineCount: 1
                }
                Words {
                    id: when
                    text: panel.body.times
                    size: 44
                    tone: "muted"
                    wrapMode: Text.NoWrap
                }
            }
            Row {
                width: parent.width
                Words {
                    width: parent.width - percent.width - 32
                    height: 120
                    text: panel.body.rate
                    size: 80
                    least: 48
                    bold: true
                    tone: "brand"
                    wrapMode: Text.NoWrap
                    verticalAlignment: Text.AlignVCenter
                }
                Words {
                    id: percent
                    height: 120
                    text: panel.body.percent
                    size: 80
                    bold: true
                    tone: "brand"
                    wrapMode: Text.NoWrap
                    verticalAlignment: Text.AlignVCenter
                }
            }
            Rectangle {
                width: parent.width
                height: 32
                radius: 16
                antialiasing: true
                color: Theme.soft
                Rectangle {
                    width: Math.max(height, parent.width * panel.body.share)
                    visible: panel.body.share > 0
                    height: parent.height
                    radius: 16
                    antialiasing: true
                    color: Theme.brand
                }
            }
        }
        Column {
            width: parent.width
            spacing: 16
            Words {
                width: parent.width
                text: panel.body.names.length > 0 ? panel.body.last : panel.body.nobody
                tone: "muted"
            }
            Flow {
                width: parent.width
                height: 152
                clip: true
                spacing: 16
                Each {
                    id: names
                    rows: panel.body.names
                    GateChip {
                        required property int index
                        size: 36
                        spec: ({
                                "text": names.shown[index],
                                "tone": "go",
                                "icon": "tick"
                            })
                    }
                }
            }
        }
    }
}
