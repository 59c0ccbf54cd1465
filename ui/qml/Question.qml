pragma ComponentBehavior: Bound
import QtQuick

// One question: its words, the choices or a box to touch, and what is wrong with the answer.
Column {
    id: question
    required property var spec

    width: parent ? parent.width : 0
    spacing: 16
    Words {
        width: parent.width
        text: question.spec.label + question.spec.optional
        size: 48
        bold: true
    }
    Words {
        width: parent.width
        visible: text !== ""
        text: question.spec.hint
        tone: "muted"
        size: 34
    }
    Grid {
        id: choices
        visible: question.spec.kind === "choice"
        width: parent.width
        columns: question.spec.columns
        columnSpacing: Theme.gap
        rowSpacing: Theme.gap
        Each {
            id: each
            rows: question.spec.choices
            BigButton {
                required property int index
                spec: each.shown[index]
                size: 44
                width: (choices.width - Theme.gap * (choices.columns - 1)) / choices.columns
                height: 128
            }
        }
    }
    Press {
        id: box
        visible: question.spec.kind !== "choice"
        act: question.spec.edit.act
        payload: question.spec.edit.payload
        label: question.spec.label + " " + question.spec.text
        live: question.spec.edit.live
        width: parent.width
        height: Math.max(132, value.implicitHeight + 56)
        Rectangle {
            anchors.fill: parent
            radius: Theme.radius
            antialiasing: true
            color: box.down ? Theme.soft : Theme.card
            border.width: question.spec.error === "" ? 3 : 5
            border.color: question.spec.error === "" ? Theme.edge : Theme.stop
        }
        Words {
            id: value
            x: 40
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - 160
            text: question.spec.text === "" ? question.spec.placeholder : question.spec.text
            tone: question.spec.text === "" ? "muted" : "ink"
            size: 42
            bold: question.spec.text !== ""
            cuts: true
            maximumLineCount: 3
            Accessible.ignored: true
        }
        Icon {
            anchors.right: parent.right
            anchors.rightMargin: 36
            anchors.verticalCenter: parent.verticalCenter
            name: question.spec.icon
            size: 60
        }
    }
    Row {
        visible: question.spec.error !== ""
        width: parent.width
        spacing: 16
        Icon {
            name: "cross"
            y: Math.round((Theme.px(38) * 1.45 - height) / 2)
            size: 40
            color: Theme.stop
        }
        Words {
            width: parent.width - 60
            text: question.spec.error
            tone: "stop"
        }
    }
}
