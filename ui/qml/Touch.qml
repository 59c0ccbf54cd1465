pragma Singleton
import QtQuick

// Every touch leaves the screens through here; the numbers of the newest live and thermal pictures come in.
QtObject {
    property int frame: 0
    property int heat: 0

    signal intent(string name, string payload)
}
