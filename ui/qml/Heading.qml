import QtQuick

// The title of a page, with a sentence below where there is one.
Column {
    id: heading
    property string title: ""
    property string hint: ""
    property real size: 60
    property int alignment: Text.AlignLeft

    width: parent ? parent.width : 0
    visible: title !== "" || hint !== ""
    spacing: 8
    Words {
        width: parent.width
        visible: text !== ""
        text: heading.title
        size: heading.size
        bold: true
        horizontalAlignment: heading.alignment
    }
    Words {
        width: parent.width
        visible: text !== ""
        text: heading.hint
        tone: "muted"
        horizontalAlignment: heading.alignment
    }
}
