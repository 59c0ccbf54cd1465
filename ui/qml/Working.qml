import QtQuick

// Between the touch and the paper.
Page {
    id: page
    centred: true
    gap: 56
    lead: [
        Item {
            width: parent.width
            height: 300
            Spinner {
                anchors.centerIn: parent
                size: 280
            }
        },
        Heading {
            size: 72
            alignment: Text.AlignHCenter
            title: page.body.title
            hint: page.body.hint
        }
    ]
    Card {
        visible: stages.spec.nodes.length > 1
        FlowChart {
            id: stages
            spec: page.body.chart
        }
    }
    Notice {
        spec: page.body.notice
    }
    Words {
        width: parent.width
        visible: text !== ""
        text: page.body.receipt
        size: 44
        bold: true
        horizontalAlignment: Text.AlignHCenter
    }
}
