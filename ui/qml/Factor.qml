pragma ComponentBehavior: Bound
import QtQuick

// The second way of identification: the PIN, or the code before the camera.
Page {
    id: page
    readonly property bool typed: page.body.keys.length > 0
    gap: 36
    centred: !typed
    lead: [
        Sign {
            visible: !page.typed || Theme.halves
            name: page.body.icon
            tone: "brand"
            size: 220
        },
        Heading {
            title: page.body.title
            hint: page.body.hint
            size: 64
            alignment: page.typed && !Theme.halves ? Text.AlignLeft : Text.AlignHCenter
        }
    ]
    Picture {
        anchors.horizontalCenter: parent.horizontalCenter
        visible: page.body.live
        width: Math.min(parent.width, 880)
        height: width * 9 / 16
        live: page.body.live
    }
    Notice {
        spec: page.body.notice
    }
    Each {
        id: boxes
        rows: page.body.boxes
        EntryBox {
            required property int index
            spec: boxes.shown[index]
            width: parent ? parent.width : 0
            height: page.low ? Theme.target : 132
        }
    }
    DigitPad {
        visible: page.typed
        width: parent.width
        columns: page.low ? 6 : 3
        keys: page.body.keys
        keyHeight: Theme.halves ? Theme.target : 156
    }
    acts: [
        Acts {
            visible: page.body.acts.length > 0
            buttons: page.body.acts
        }
    ]
}
