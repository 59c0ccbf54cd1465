pragma Singleton
import QtQuick

// Every touch leaves the screens through here; the number of the newest live picture comes in.
QtObject {
    property int frame: 0

    signal intent(string name, string payload)
}
