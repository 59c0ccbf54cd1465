import QtQuick

// Something is being done; stands still when motion is unwanted.
Item {
    id: spinner
    property int size: 240

    width: size
    height: size
    Rectangle {
        anchors.fill: parent
        radius: width / 2
        antialiasing: true
        color: Theme.soft
    }
    Icon {
        anchors.centerIn: parent
        name: "spinner"
        size: Math.round(spinner.size * 0.55)
        RotationAnimation on rotation {
            running: Theme.motion && spinner.visible
            loops: Animation.Infinite
            from: 0
            to: 360
            duration: 1400
        }
    }
}
