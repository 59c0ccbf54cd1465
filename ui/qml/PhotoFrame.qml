import QtQuick

// A document before the camera, then the shot.
Sheet {
    id: sheet
    gap: 32
    Heading {
        size: 60
        title: sheet.body.title
        hint: sheet.body.hint
    }
    Picture {
        anchors.horizontalCenter: parent.horizontalCenter
        width: sheet.wide ? 900 : parent.width
        height: sheet.wide ? 506 : width * 9 / 16
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
    acts: [
        Acts {
            buttons: sheet.body.acts
        }
    ]
}
