import QtQuick

// Where one thing stands at a time, made with its body. A Loader would do, but what it is told in setSource() stays in
// the script engine for as long as the program runs.
Item {
    id: place
    property Item item: null
    property var kinds: ({})

    function put(screen: string, body: var): void {
        clear();
        const file = screen + ".qml";
        if (!kinds[file])
            kinds[file] = Qt.createComponent(file);
        item = kinds[file].createObject(place, {
            "body": body,
            "anchors.fill": place
        });
    }
    function clear(): void {
        if (item === null)
            return;
        // it goes once whoever called is done, and that may be itself
        item.visible = false;
        item.destroy();
        item = null;
    }
}
