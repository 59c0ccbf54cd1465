pragma ComponentBehavior: Bound
import QtQuick

// What is known, what is being looked at, what is still to come.
Row {
    id: steps
    property var rows: []

    spacing: 20
    Each {
        id: each
        rows: steps.rows
        GateChip {
            required property int index
            readonly property var step: each.shown[index]
            size: 36
            spec: ({
                    "text": step.text,
                    "tone": step.state === "done" ? "go" : step.state === "now" ? "brand" : "muted",
                    "icon": step.state === "done" ? "tick" : step.state === "now" ? "search" : ""
                })
        }
    }
}
