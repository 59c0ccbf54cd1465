pragma ComponentBehavior: Bound
import QtQuick

// Five stars to press.
Row {
    id: stars
    property var rows: []

    spacing: Theme.gap
    Each {
        id: each
        rows: stars.rows
        Press {
            id: star
            required property int index
            readonly property var spec: each.shown[index]
            act: spec.act
            payload: spec.payload
            label: spec.text
            chosen: spec.on
            width: 128
            height: 128
            Icon {
                anchors.centerIn: parent
                name: star.spec.on ? "star_full" : "star"
                size: star.down ? 128 : 112
                color: star.spec.on ? Theme.brand : Theme.muted
            }
        }
    }
}
