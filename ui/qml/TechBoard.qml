pragma ComponentBehavior: Bound
import QtQuick

// The device board: one row a part, pressed to open it; a live picture, and the three big tests below.
Page {
    id: page
    gap: 28
    leadShare: 0.42
    lead: [
        Heading {
            title: page.body.title
            hint: page.body.hint
        },
        TechPicture {
            visible: (page.body.live || page.body.thermal) && page.halves
            width: parent ? parent.width : 0
            spec: page.body
        }
    ]
    TechTabs {
        buttons: page.body.tabs
    }
    Notice {
        spec: page.body.notice
    }
    Card {
        visible: page.body.parts.length > 0
        pad: 20
        gap: 0
        Each {
            id: parts
            rows: page.body.parts
            TechDevice {
                required property int index
                spec: parts.shown[index]
                first: index === 0
                width: parent ? parent.width : 0
            }
        }
    }
    TechPicture {
        visible: (page.body.live || page.body.thermal) && !page.halves
        width: parent ? parent.width : 0
        spec: page.body
    }
    acts: [
        Acts {
            buttons: page.body.acts
        }
    ]
}
