import QtQuick

// The whole screen: bar, one page, foot, and at most one overlay. Drawn at 1080 × 1920 (or 1920 × 1080) and scaled.
Item {
    id: main
    required property var bridge
    readonly property var view: bridge.view
    readonly property bool landscape: width > height
    readonly property real zoom: landscape ? Math.min(width / 1920, height / 1080) : Math.min(width / 1080, height / 1920)
    readonly property bool reach: Theme.lowReach

    property string shownPage: ""
    property string shownOverlay: ""
    property real shownDepth: 0

    function take(): void {
        Theme.large = view.look.large;
        Theme.contrast = view.look.contrast;
        Theme.lowReach = view.look.low_reach;
        takePage();
        takeOverlay();
    }
    function takePage(): void {
        if (view.key !== shownPage) {
            const forward = view.depth >= shownDepth;
            shownPage = view.key;
            shownDepth = view.depth;
            page.put(view.screen, view.body);
            slide.begin(forward ? 80 : -80);
        } else {
            (page.item as Page).body = view.body;
        }
    }
    function takeOverlay(): void {
        const over = view.overlay;
        if (over.key !== shownOverlay) {
            shownOverlay = over.key;
            if (over.key === "") {
                overlay.clear();
            } else {
                overlay.put(over.screen, over.body);
                rise.restart();
            }
        } else if (over.key !== "") {
            (overlay.item as Sheet).body = over.body;
        }
    }

    onViewChanged: take()
    onLandscapeChanged: Theme.landscape = landscape
    Component.onCompleted: {
        Theme.landscape = landscape;
        Theme.motion = bridge.motion;
        take();
    }
    Binding {
        target: Theme
        property: "half"
        value: Math.round(board.height / 2)
    }
    Binding {
        target: Touch
        property: "frame"
        value: main.bridge.frame
    }
    Binding {
        target: Touch
        property: "heat"
        value: main.bridge.heat
    }
    Connections {
        target: Touch
        function onIntent(name: string, payload: string) {
            main.bridge.intent(name, payload);
        }
    }

    Rectangle {
        anchors.fill: parent
        color: Theme.paper
    }
    Item {
        id: board
        width: main.width / main.zoom
        height: main.height / main.zoom
        scale: main.zoom
        transformOrigin: Item.TopLeft

        Item {
            id: beneath
            anchors.fill: parent
            Bar {
                id: bar
                y: main.reach ? foot.y - height : 0
                width: parent.width
                enabled: !main.view.overlay.whole
                spec: main.view.bar
                foot: main.view.foot
            }
            Item {
                id: stage
                y: main.reach ? 0 : bar.height
                width: parent.width
                height: (main.reach ? bar.y : foot.y) - y
                clip: true
                enabled: main.shownOverlay === ""
                Place {
                    id: page
                    width: parent.width
                    height: parent.height
                }
            }
            Foot {
                id: foot
                y: parent.height - height
                width: parent.width
                enabled: main.shownOverlay === ""
                spec: main.view.foot
            }
        }
        Place {
            id: overlay
            y: main.reach || main.view.overlay.whole ? 0 : bar.height
            width: parent.width
            height: (main.reach && !main.view.overlay.whole ? bar.y : parent.height) - y
            clip: true
        }
        Item {
            id: corner
            objectName: "corner"
            width: 160
            height: 160
            visible: main.view.corner && main.shownOverlay === ""
            // seconds; nothing shows it, and a touch that slips or lets go does nothing
            TapHandler {
                longPressThreshold: 3
                onLongPressed: Touch.intent("technician", "")
            }
        }
        Toast {
            spec: main.view.message
            beneath: bar.height
            above: main.reach ? parent.height - bar.y : foot.height
            width: parent.width
            height: parent.height
        }
    }
    Rectangle {
        objectName: "dark"
        anchors.fill: parent
        color: "black"
        opacity: main.view.dark
        visible: opacity > 0
    }
    ParallelAnimation {
        id: slide
        function begin(from: real): void {
            if (Theme.quick === 0)
                return;
            sliding.from = from;
            restart();
        }
        NumberAnimation {
            id: sliding
            target: page
            property: "x"
            to: 0
            duration: Theme.quick
            easing.type: Easing.OutCubic
        }
        NumberAnimation {
            target: page
            property: "opacity"
            from: 0.2
            to: 1
            duration: Theme.quick
        }
    }
    NumberAnimation {
        id: rise
        target: overlay
        property: "opacity"
        from: 0.3
        to: 1
        duration: Theme.quick
    }
}
