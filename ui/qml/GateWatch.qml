import QtQuick

// Waiting for somebody, or looking at them: one sign, one sentence.
GatePanel {
    id: panel
    Column {
        anchors.centerIn: parent
        width: parent.width - 2 * Theme.margin
        spacing: 28
        Sign {
            name: panel.body.icon
            tone: panel.body.tone
            size: 250
        }
        Words {
            width: parent.width
            text: panel.body.title
            size: 84
            bold: true
            tone: panel.body.tone === "wait" ? "wait" : "ink"
            horizontalAlignment: Text.AlignHCenter
            lineHeight: 0.95
        }
        Words {
            width: parent.width
            visible: text !== ""
            text: panel.body.hint
            size: 46
            tone: "muted"
            horizontalAlignment: Text.AlignHCenter
        }
        GateSteps {
            anchors.horizontalCenter: parent.horizontalCenter
            visible: rows.length > 0
            rows: panel.body.steps
        }
    }
}
