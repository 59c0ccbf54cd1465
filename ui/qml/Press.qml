import QtQuick

// Anything that can be pressed: a name for fingers of all kinds, one signal, no decision.
Item {
    id: press
    required property string act
    property string payload: ""
    property string label: ""
    property bool chosen: false
    readonly property bool down: tap.pressed && enabled
    property bool live: true

    objectName: "act." + act + (payload === "" ? "" : "." + payload)
    enabled: live
    Accessible.role: Accessible.Button
    Accessible.name: label
    Accessible.selected: chosen
    Accessible.onPressAction: press.fire()

    function fire(): void {
        if (enabled)
            Touch.intent(act, payload);
    }

    TapHandler {
        id: tap
        longPressThreshold: 0
        onTapped: press.fire()
    }
}
