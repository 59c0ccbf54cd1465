pragma ComponentBehavior: Bound
import QtQuick

// The whole screen of a lane: a slim bar, the live picture, the decision, and at most one pane over it. Upright the
// picture stands above, wide it stands left. Drawn at 1080 × 1920 (or 1920 × 1080) and scaled.
Item {
    id: main
    required property var bridge
    readonly property var view: bridge.view
    readonly property bool landscape: width > height
    readonly property real zoom: landscape ? Math.min(width / 1920, height / 1080) : Math.min(width / 1080, height / 1920)
    readonly property bool pane: shownOverlay !== "" && shownOverlay !== "help"

    property string shownPage: ""
    property string shownScreen: ""
    property string shownOverlay: ""

    function take(): void {
        takePage();
        takeOverlay();
        // the pages read their last view until they are gone
        if (view.pages)
            served.view = view.pages;
        pages.active = !!view.pages;
    }
    function takePage(): void {
        const fresh = view.key !== shownPage;
        shownPage = view.key;
        if (view.screen !== shownScreen) {
            shownScreen = view.screen;
            page.put(view.screen, view.body);
        } else {
            (page.item as GatePanel).body = view.body;
        }
        if (fresh && bridge.motion)
            appear.restart();
    }
    function takeOverlay(): void {
        const over = view.overlay;
        if (over.key !== shownOverlay) {
            shownOverlay = over.key;
            if (over.key === "") {
                overlay.clear();
            } else {
                overlay.put(over.screen, over.body);
            }
        } else if (over.key === "help") {
            (overlay.item as Sheet).body = over.body;
        } else if (over.key !== "") {
            (overlay.item as GatePane).body = over.body;
        }
    }

    onViewChanged: take()
    onLandscapeChanged: Theme.landscape = landscape
    Component.onCompleted: {
        Theme.landscape = landscape;
        Theme.motion = bridge.motion;
        Theme.large = false;
        Theme.contrast = false;
        Theme.lowReach = false;
        take();
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
    QtObject {
        id: served
        property var view: null
        readonly property var motion: main.bridge.motion
        readonly property int frame: main.bridge.frame
        readonly property int heat: main.bridge.heat

        // what is touched there leaves by the lane's own bridge, once
        function intent(name: string, payload: string) {
        }
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
        readonly property int middle: main.landscape ? Math.round(width * (main.pane ? 0.36 : main.view.lane.across)) : width
        width: main.width / main.zoom
        height: main.height / main.zoom
        scale: main.zoom
        transformOrigin: Item.TopLeft
        visible: !pages.active

        GateBar {
            id: bar
            width: parent.width
            spec: main.view.bar
        }
        GatePicture {
            id: picture
            y: bar.height
            width: board.middle
            height: (main.landscape ? strip.y : Math.round(parent.height * (main.pane ? 0.2 : main.view.lane.share))) - y
            enabled: main.shownOverlay !== "help"
            spec: main.view.lane
        }
        Place {
            id: page
            x: main.landscape ? picture.width : 0
            y: main.landscape ? bar.height : picture.y + picture.height
            width: parent.width - x
            height: (main.landscape ? parent.height : strip.y) - y
            clip: true
            visible: !main.pane
            enabled: main.shownOverlay === ""
        }
        GateTroubles {
            id: strip
            y: parent.height - height
            width: board.middle
            enabled: picture.enabled
            visible: rows.length > 0 && (main.landscape || !main.pane)
            rows: main.view.troubles
        }
        Item {
            objectName: "corner"
            width: 160
            height: 136
            visible: main.view.corner && main.shownOverlay === "" && !pages.active
            // seconds; nothing shows it, and a touch that slips or lets go does nothing
            TapHandler {
                longPressThreshold: 3
                onLongPressed: Touch.intent("technician", "")
            }
        }
        Place {
            id: overlay
            x: main.pane ? page.x : 0
            y: main.pane ? page.y : bar.height
            width: parent.width - x
            height: parent.height - y
            clip: true
        }
    }
    Loader {
        id: pages
        anchors.fill: parent
        active: false
        sourceComponent: Component {
            Main {
                width: main.width
                height: main.height
                bridge: served
            }
        }
    }
    Rectangle {
        objectName: "dark"
        anchors.fill: parent
        color: "black"
        opacity: main.view.dark
        visible: opacity > 0
    }
    NumberAnimation {
        id: appear
        target: page
        property: "opacity"
        from: 0.3
        to: 1
        duration: Theme.quick
    }
}
