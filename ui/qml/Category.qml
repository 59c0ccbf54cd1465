import QtQuick

// One drawer of services.
Page {
    id: page
    gap: 36
    leadShare: 0.34
    lead: [
        Heading {
            size: 72
            title: page.body.title
            hint: page.body.hint
        }
    ]
    Tiles {
        width: parent.width
        services: page.body.tiles
    }
}
