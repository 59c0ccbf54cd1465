pragma Singleton
import QtQuick

// Colours, sizes and the shape of the screen. Main sets the switches, everything else only reads.
QtObject {
    property bool large: false
    property bool contrast: false
    property bool lowReach: false
    property bool landscape: false
    property bool motion: true
    property int half: 960

    readonly property color ink: contrast ? "#000000" : "#10242b"
    readonly property color muted: contrast ? "#1f1f1f" : "#5b6f78"
    readonly property color faint: contrast ? "#1f1f1f" : "#4f626b"
    readonly property color paper: contrast ? "#ffffff" : "#f3f6f7"
    readonly property color card: "#ffffff"
    readonly property color line: contrast ? "#000000" : "#d8e1e4"
    readonly property color dead: contrast ? "#e6e6e6" : "#d8e1e4"
    readonly property color edge: contrast ? "#000000" : "#8fa3ab"
    readonly property color brand: contrast ? "#00303c" : "#0d5f73"
    readonly property color brandDown: contrast ? "#005a70" : "#0a4a5a"
    readonly property color paleInk: "#ffffff"
    readonly property color barEdge: contrast ? "#ffffff" : "#6e9fab"
    readonly property color barDown: contrast ? "#005a70" : "#2b7486"
    readonly property color soft: contrast ? "#d5eef5" : "#e3f0f3"
    readonly property color softDown: contrast ? "#a9dcea" : "#cfe4e9"
    readonly property color go: contrast ? "#00522a" : "#1c7c4a"
    readonly property color goSoft: "#e0f3e8"
    readonly property color wait: contrast ? "#5c3400" : "#9a5b00"
    readonly property color waitSoft: "#fff1d9"
    readonly property color waitLine: contrast ? "#5c3400" : "#f0d9ae"
    readonly property color stop: contrast ? "#8c0009" : "#b3261e"
    readonly property color stopSoft: "#fbe6e4"
    readonly property color onlineDot: "#7fe0a8"
    readonly property color offlineDot: "#ffd27a"
    readonly property color night: contrast ? "#000000" : "#1d2f36"
    readonly property color veil: contrast ? "#cc000000" : "#9910242b"

    readonly property string family: "Noto Sans CJK SC"
    readonly property real scale: large ? 1.35 : 1
    readonly property int margin: 48
    readonly property int gap: 28
    readonly property int radius: 32
    readonly property int target: 112
    readonly property int button: 140
    readonly property int bar: 136
    readonly property int foot: 150
    readonly property bool halves: landscape || lowReach
    readonly property int quick: motion ? 200 : 0

    function px(size: real): int {
        return Math.round(size * scale);
    }

    // The colour of a tone's words and of the ground behind them.
    function tone(name: string): color {
        return name === "go" ? go : name === "wait" ? wait : name === "stop" ? stop : name === "muted" ? muted : name === "brand" ? brand : name === "paleInk" ? paleInk : name === "faint" ? faint : ink;
    }
    function ground(name: string): color {
        return name === "go" ? goSoft : name === "wait" ? waitSoft : name === "stop" ? stopSoft : soft;
    }
}
