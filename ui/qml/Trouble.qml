import QtQuick

// Something did not work; what stands, and what can be done.
Page {
    id: page
    centred: true
    gap: 44
    lead: [
        Sign {
            name: page.body.icon
            tone: page.body.tone
        },
        Heading {
            size: 72
            alignment: Text.AlignHCenter
            title: page.body.title
        }
    ]
    Card {
        gap: 28
        Words {
            width: parent.width
            text: page.body.text
            size: 42
        }
        Words {
            width: parent.width
            visible: text !== ""
            text: page.body.receipt
            size: 42
            bold: true
        }
    }
    Notice {
        spec: page.body.why
    }
    acts: [
        Acts {
            buttons: page.body.acts
        }
    ]
}
