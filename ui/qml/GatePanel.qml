import QtQuick

// The frame of a decision: what stands below the picture, or right of it.
Item {
    required property var body
}
