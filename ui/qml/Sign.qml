import QtQuick

// A large sign in a circle.
Item {
    id: sign
    property string name: "tick"
    property string tone: "go"
    property int size: 260

    width: parent ? parent.width : size
    height: size
    Rectangle {
        anchors.centerIn: parent
        width: sign.size
        height: sign.size
        radius: width / 2
        antialiasing: true
        color: Theme.ground(sign.tone)
        Icon {
            anchors.centerIn: parent
            name: sign.name
            size: Math.round(sign.size * 0.6)
            color: Theme.tone(sign.tone)
        }
    }
}
