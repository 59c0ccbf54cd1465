import QtQuick
import QtQuick.Shapes

// The frame around a face: thin while nothing is asked, dashed while it is looked at or stopped, solid when let in.
Item {
    id: frame
    property string tone: ""
    readonly property real round: Math.min(56, width / 4, height / 4)

    Rectangle {
        anchors.fill: parent
        visible: frame.tone !== "wait"
        radius: frame.round
        antialiasing: true
        color: "transparent"
        border.width: frame.tone === "go" ? 10 : 4
        border.color: frame.tone === "go" ? Theme.onlineDot : Theme.paleInk
    }
    Shape {
        anchors.fill: parent
        visible: frame.tone === "wait"
        ShapePath {
            fillColor: "transparent"
            strokeColor: Theme.offlineDot
            strokeWidth: 9
            strokeStyle: ShapePath.DashLine
            dashPattern: [2.4, 1.2]
            capStyle: ShapePath.FlatCap
            PathRectangle {
                x: 5
                y: 5
                width: Math.max(1, frame.width - 10)
                height: Math.max(1, frame.height - 10)
                radius: frame.round
            }
        }
    }
}
