pragma ComponentBehavior: Bound
import QtQuick

// Twelve keys, three or six across; a place may be left free by a button that does nothing.
Grid {
    id: pad
    property var keys: []
    property int keyHeight: 132

    columns: 3
    columnSpacing: Theme.gap
    rowSpacing: Theme.gap
    Each {
        id: each
        rows: pad.keys
        Key {
            required property int index
            spec: each.shown[index]
            opacity: spec.act === "none" ? 0 : 1
            width: Math.floor((pad.width - (pad.columns - 1) * Theme.gap) / pad.columns)
            height: pad.keyHeight
            size: spec.text.length > 2 ? 36 : 56
        }
    }
}
