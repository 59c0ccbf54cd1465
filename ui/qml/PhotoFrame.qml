import QtQuick

// A document before the camera, then the shot.
Sheet {
    id: sheet
    share: 0.6
    gap: 32
    Heading {
        size: 60
        title: sheet.body.title
        hint: sheet.body.hint
    }
    Item {
        id: below
        visible: !sheet.wide
        width: parent.width
        height: frame.height
        Picture {
            id: frame
            parent: sheet.wide ? left : below
            width: parent ? parent.width : 0
            height: Math.round(width * 9 / 16)
            live: sheet.body.live
            still: sheet.body.picture
            Words {
                anchors.centerIn: parent
                width: parent.width - 80
                visible: text !== ""
                text: sheet.body.missing
                tone: "paleInk"
                horizontalAlignment: Text.AlignHCenter
            }
        }
    }
    aside: [
        Item {
            id: left
            visible: sheet.wide
            width: parent.width
            height: frame.height
        }
    ]
    acts: [
        Acts {
            buttons: sheet.body.acts
        }
    ]
}
