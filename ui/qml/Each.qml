import QtQuick

// A Repeater over plain rows that keeps its delegates while rows change: nothing vanishes under a finger.
// Delegates read `each.shown[index]`; the tail keeps what delegates on their way out still read.
Repeater {
    id: each
    property var rows: []
    property var shown: []

    model: 0
    onRowsChanged: {
        const fresh = rows || [];
        if (fresh.length < count)
            model = fresh.length;
        shown = fresh.concat(shown.slice(fresh.length));
        model = fresh.length;
    }
}
