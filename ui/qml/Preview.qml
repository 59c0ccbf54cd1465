import QtQuick

// The paper, as it will come out.
Rectangle {
    id: sheet
    property string source: ""
    property int most: 620

    anchors.horizontalCenter: parent ? parent.horizontalCenter : undefined
    visible: source !== ""
    width: picture.paintedWidth + 8
    height: visible ? picture.paintedHeight + 8 : 0
    color: Theme.card
    border.width: 2
    border.color: Theme.edge
    Image {
        id: picture
        x: 4
        y: 4
        width: Math.min(sheet.parent ? sheet.parent.width - 8 : 600, 620)
        height: sheet.most
        horizontalAlignment: Image.AlignLeft
        verticalAlignment: Image.AlignTop
        fillMode: Image.PreserveAspectFit
        source: sheet.source
        cache: false
        smooth: true
        mipmap: true
    }
}
