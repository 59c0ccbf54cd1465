import QtQuick

// Says that there is more below: a soft edge at the foot of a scrolling part.
Rectangle {
    required property Flickable flick

    x: flick.x
    y: flick.y + flick.height - height
    width: flick.width
    height: 56
    visible: flick.contentHeight > flick.height + 8 && !flick.atYEnd
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
