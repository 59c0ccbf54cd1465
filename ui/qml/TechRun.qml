pragma ComponentBehavior: Bound
import QtQuick

// The test that runs: what it wants, the code to scan, the picture, the plot, or the fields to touch.
Page {
    id: page
    gap: 32
    lead: [
        Heading {
            size: 64
            title: page.body.title
            hint: page.body.hint
        },
        Words {
            width: parent ? parent.width : 0
            visible: text !== ""
            text: page.body.behind
            size: 32
            tone: "muted"
        }
    ]
    Image {
        anchors.horizontalCenter: parent.horizontalCenter
        visible: page.body.code !== ""
        width: Math.min(parent.width, Math.max(300, page.room - 160), 720)
        height: visible ? width : 0
        source: page.body.code
        fillMode: Image.PreserveAspectFit
        cache: false
        smooth: false
    }
    Picture {
        anchors.horizontalCenter: parent.horizontalCenter
        visible: page.body.live
        width: Math.min(parent.width, 880)
        height: visible ? width * 9 / 16 : 0
        live: page.body.live
    }
    TechPicture {
        visible: page.body.thermal
        width: parent ? parent.width : 0
        spec: ({
                "live": false,
                "thermal": page.body.thermal,
                "picture": ""
            })
    }
    TechPlot {
        visible: page.body.plot.shown
        width: parent ? parent.width : 0
        spec: page.body.plot
    }
    Grid {
        id: grid
        visible: page.body.cells.length > 0
        width: parent.width
        columns: page.body.across
        spacing: 28
        Each {
            id: cells
            rows: page.body.cells
            TechCell {
                required property int index
                spec: cells.shown[index]
                width: Math.floor((grid.width - (page.body.across - 1) * grid.spacing) / page.body.across)
                height: Math.max(Theme.target, Math.floor((page.room - 2 * page.air - 84 - (page.halves ? 0 : 260)) / 4))
            }
        }
    }
    Spinner {
        anchors.horizontalCenter: parent.horizontalCenter
        visible: page.body.code === "" && !page.body.live && !page.body.thermal && page.body.cells.length === 0
    }
    acts: [
        Acts {
            buttons: page.body.acts
        }
    ]
}
