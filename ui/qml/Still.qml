import QtQuick

// Still there?
Sheet {
    id: sheet
    middle: true
    gap: 36
    Item {
        width: parent.width
        height: 260
        Rectangle {
            anchors.centerIn: parent
            width: 260
            height: 260
            radius: 130
            antialiasing: true
            color: Theme.soft
            border.width: 10
            border.color: Theme.brand
            Words {
                anchors.centerIn: parent
                text: sheet.body.seconds
                font.pixelSize: 120
                bold: true
                tone: "brand"
            }
        }
    }
    Heading {
        size: 72
        alignment: Text.AlignHCenter
        title: sheet.body.title
        hint: sheet.body.text
    }
    acts: [
        Acts {
            buttons: sheet.body.acts
        }
    ]
}
