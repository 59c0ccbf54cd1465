import QtQuick

// A line drawing of assets/icons in one colour.
Image {
    required property string name
    property color color: Theme.brand
    property int size: 64

    width: size
    height: size
    visible: name !== ""
    sourceSize: Qt.size(size, size)
    source: name === "" ? "" : "image://icon/" + name + "/" + color
    Accessible.ignored: true
}
