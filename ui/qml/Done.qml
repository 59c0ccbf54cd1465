import QtQuick

// Take the paper; how was it?
Page {
    id: page
    centred: true
    gap: 44
    lead: [
        Sign {
            name: page.body.icon
            tone: page.body.tone
            size: page.body.preview === "" ? 260 : 180
        },
        Heading {
            size: 72
            alignment: Text.AlignHCenter
            title: page.body.title
            hint: page.body.line
        },
        Preview {
            source: page.body.preview
            most: Theme.landscape ? 340 : Theme.lowReach || Theme.large ? 300 : 420
        },
        Column {
            visible: page.body.number !== ""
            width: parent.width
            Words {
                width: parent.width
                text: page.body.number_title
                tone: "muted"
                horizontalAlignment: Text.AlignHCenter
            }
            Words {
                width: parent.width
                text: page.body.number
                size: 52
                bold: true
                horizontalAlignment: Text.AlignHCenter
            }
        },
        Notice {
            spec: page.body.notice
        }
    ]
    Column {
        width: parent.width
        spacing: 20
        Words {
            width: parent.width
            text: page.body.rate_title
            size: 48
            bold: true
            horizontalAlignment: Text.AlignHCenter
        }
        Stars {
            anchors.horizontalCenter: parent.horizontalCenter
            rows: page.body.stars
        }
        Words {
            width: parent.width
            visible: text !== ""
            text: page.body.said
            bold: true
            horizontalAlignment: Text.AlignHCenter
        }
        LinkButton {
            anchors.horizontalCenter: parent.horizontalCenter
            spec: page.body.remark
        }
        Words {
            width: parent.width
            text: page.body.rest
            size: 30
            tone: "muted"
            horizontalAlignment: Text.AlignHCenter
        }
    }
    acts: [
        Acts {
            buttons: page.body.acts
        }
    ]
}
