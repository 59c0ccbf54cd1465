pragma ComponentBehavior: Bound
import QtQuick

// Who, how connected, and the ways out: on every screen.
Rectangle {
    id: bar
    required property var spec
    required property var foot

    height: Theme.bar
    color: Theme.brand
    BarButton {
        id: back
        visible: bar.spec.back.text !== ""
        spec: bar.spec.back
        x: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
    }
    Words {
        id: title
        x: back.visible ? back.x + back.width + Theme.gap : Theme.margin
        width: Math.max(0, right.x - x - 24)
        height: parent.height
        visible: width > 80 && (!back.visible || implicitWidth <= width)
        text: bar.spec.title
        size: 36
        least: 26
        bold: true
        cuts: true
        tone: "paleInk"
        maximumLineCount: 2
        verticalAlignment: Text.AlignVCenter
    }
    Row {
        id: right
        anchors.right: parent.right
        anchors.rightMargin: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
        spacing: 20
        Words {
            visible: Theme.landscape && bar.foot.shown && !Theme.large
            anchors.verticalCenter: parent.verticalCenter
            rightPadding: 12
            width: Math.min(implicitWidth, 240)
            height: Theme.target
            verticalAlignment: Text.AlignVCenter
            text: bar.foot.line
            size: 30
            least: 22
            tone: "paleInk"
            maximumLineCount: 2
        }
        Each {
            id: toggles
            rows: Theme.landscape && bar.foot.shown ? bar.foot.toggles : []
            Toggle {
                required property int index
                spec: toggles.shown[index]
                dark: true
            }
        }
        Row {
            anchors.verticalCenter: parent.verticalCenter
            leftPadding: 12
            rightPadding: 12
            spacing: 14
            visible: bar.spec.link.shown
            Rectangle {
                anchors.verticalCenter: parent.verticalCenter
                width: 20
                height: 20
                radius: bar.spec.link.online ? 10 : 3
                rotation: bar.spec.link.online ? 0 : 45
                antialiasing: true
                color: bar.spec.link.online ? Theme.onlineDot : Theme.offlineDot
            }
            Words {
                anchors.verticalCenter: parent.verticalCenter
                width: Math.min(implicitWidth, 260)
                height: Theme.target
                text: bar.spec.link.text
                size: 34
                least: 24
                tone: "paleInk"
                verticalAlignment: Text.AlignVCenter
                maximumLineCount: 2
            }
        }
        Each {
            id: each
            rows: bar.spec.buttons
            BarButton {
                required property int index
                spec: each.shown[index]
            }
        }
    }
}
