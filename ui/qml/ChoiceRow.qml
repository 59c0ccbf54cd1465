pragma ComponentBehavior: Bound
import QtQuick

// A few choices side by side under their title.
Column {
    id: choice
    property string title: ""
    property var buttons: []

    width: parent ? parent.width : 0
    visible: each.count > 0
    spacing: 16
    Words {
        width: parent.width
        text: choice.title
        size: 44
        bold: true
    }
    Row {
        width: parent.width
        spacing: Theme.gap
        Each {
            id: each
            rows: choice.buttons
            BigButton {
                required property int index
                spec: each.shown[index]
                size: 44
                height: 120
                width: (choice.width - Theme.gap * (each.count - 1)) / Math.max(1, each.count)
            }
        }
    }
}
