import QtQuick

// Says that there is more below: a soft edge at the foot of a scrolling part.
Rectangle {
    required property Flickable flick
    property int slack: 0

    x: flick.x
    y: flick.y + flick.height - height
    width: flick.width
    height: 56
    visible: flick.visible && flick.contentHeight - slack > flick.height && flick.contentHeight - slack > flick.contentY + flick.height
    gradient: Gradient {
        GradientStop {
            position: 0
            color: Qt.rgba(Theme.paper.r, Theme.paper.g, Theme.paper.b, 0)
        }
        GradientStop {
            position: 1
            color: Theme.paper
        }
    }
    Icon {
        anchors.horizontalCenter: parent.horizontalCenter
        y: 6
        name: "down"
        size: 44
        color: Theme.muted
    }
}
