pragma ComponentBehavior: Bound
import QtQuick

// Services, two across.
Grid {
    id: tiles
    property var services: []

    columns: width < (Theme.large && Theme.landscape ? 1100 : 700) ? 1 : 2
    columnSpacing: Theme.gap
    rowSpacing: Theme.gap
    Each {
        id: each
        rows: tiles.services
        Tile {
            required property int index
            spec: each.shown[index]
            width: (tiles.width - Theme.gap * (tiles.columns - 1)) / tiles.columns
        }
    }
}
