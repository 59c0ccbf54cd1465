pragma ComponentBehavior: Bound
import QtQuick

// The way from page to page of the technician; not there while there is one page only.
Flow {
    id: tabs
    property var buttons: []

    width: parent ? parent.width : 0
    visible: buttons.length > 0
    spacing: 20
    Each {
        id: each
        rows: tabs.buttons
        Toggle {
            required property int index
            spec: each.shown[index]
        }
    }
}
