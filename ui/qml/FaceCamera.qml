import QtQuick

// Before the camera: one thing to do, the mirror, and how far it is.
Page {
    id: page
    gap: 36
    leadShare: 0.58
    lead: [
        Heading {
            title: page.body.title
            hint: page.body.hint
            size: 64
            alignment: Text.AlignHCenter
        },
        FacePicture {
            anchors.horizontalCenter: parent.horizontalCenter
            width: page.low ? Math.min(parent.width, 720) : parent.width
            height: Math.round(width * (page.halves ? 9 / 16 : 0.84))
            box: page.body.box
            arrow: page.body.arrow
            live: page.body.live
        }
    ]
    Card {
        visible: page.body.chart.nodes.length > 0
        FlowChart {
            spec: page.body.chart
        }
    }
    Notice {
        spec: page.body.notice
    }
    acts: [
        Acts {
            buttons: page.body.acts
        }
    ]
}
