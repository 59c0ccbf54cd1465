pragma ComponentBehavior: Bound
import QtQuick

// The panel of the demonstration, drawn at 1080 wide and scaled to its window.
Item {
    id: panel
    required property var bridge
    readonly property var view: bridge.view
    readonly property real zoom: width / 1080

    Connections {
        target: Touch
        function onIntent(name: string, payload: string) {
            panel.bridge.intent(name, payload);
        }
    }
    Rectangle {
        anchors.fill: parent
        color: Theme.paper
    }
    Item {
        width: 1080
        height: panel.height / Math.max(0.01, panel.zoom)
        scale: panel.zoom
        transformOrigin: Item.TopLeft
        Flickable {
            id: scroll
            width: parent.width
            height: parent.height - foot.height
            contentHeight: whole.height + 80
            boundsBehavior: Flickable.StopAtBounds
            Column {
                id: whole
                x: 40
                y: 40
                width: scroll.width - 80
                spacing: 32
                Item {
                    width: parent.width
                    height: 120
                    Words {
                        anchors.verticalCenter: parent.verticalCenter
                        width: parent.width - 240
                        text: panel.view.title
                        size: 56
                        bold: true
                    }
                    BigButton {
                        anchors.right: parent.right
                        width: 200
                        height: 120
                        size: 44
                        spec: panel.view.switch
                    }
                }
                Each {
                    id: groups
                    rows: panel.view.groups
                    Column {
                        id: group
                        required property int index
                        readonly property var spec: groups.shown[index]
                        width: whole.width
                        spacing: 16
                        Words {
                            width: parent.width
                            text: group.spec.title
                            size: 44
                            bold: true
                        }
                        Grid {
                            id: grid
                            width: parent.width
                            columns: 2
                            columnSpacing: 20
                            rowSpacing: 20
                            Each {
                                id: buttons
                                rows: group.spec.buttons
                                BigButton {
                                    required property int index
                                    spec: buttons.shown[index]
                                    size: 40
                                    width: (grid.width - 20) / 2
                                    height: 116
                                }
                            }
                        }
                    }
                }
            }
        }
        Rectangle {
            id: foot
            y: parent.height - height
            width: parent.width
            height: said.implicitHeight + 48
            color: Theme.card
            border.width: 2
            border.color: Theme.line
            Words {
                id: said
                x: 40
                y: 24
                width: parent.width - 80
                text: panel.view.answer
                tone: "muted"
                cuts: true
                maximumLineCount: 3
            }
        }
    }
}
