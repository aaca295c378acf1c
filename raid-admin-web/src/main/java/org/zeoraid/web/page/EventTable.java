package org.zeoraid.web.page;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.zeoraid.storage.admin.ArrayEvent;

/** Events, the newest first. */
final class EventTable {

    private final Html html;
    private final Viewer viewer;
    private final Instant now;

    EventTable(Html html, Viewer viewer, Instant now) {
        this.html = html;
        this.viewer = viewer;
        this.now = now;
    }

    /** The last few of an array, and the way to all. */
    void recent(String array, List<ArrayEvent> events) {
        html.open("div", "class", "events").element("h3", "Last events");
        if (events.isEmpty()) {
            html.element("p", "Nothing has happened yet.", "class", "muted");
        } else {
            list(events);
            html.element(
                    "a",
                    "All events",
                    "href",
                    Links.events(viewer, array),
                    "class",
                    "more",
                    "aria-label",
                    "All events of " + array);
        }
        html.close("div");
    }

    void list(List<ArrayEvent> events) {
        html.open("ol", "class", "log");
        for (int i = events.size() - 1; i >= 0; i--) {
            ArrayEvent event = events.get(i);
            String severity = event.severity().name().toLowerCase(Locale.ROOT);
            html.open("li", "class", "event is-" + severity);
            Words.time(html, event.time(), now);
            html.open("span", "class", "what");
            if (event.severity() != ArrayEvent.Severity.INFO) {
                html.element("span", severity, "class", "tag is-" + severity).text(" ");
            }
            if (!event.member().isBlank()) {
                html.element("b", event.member()).text(" ");
            }
            html.text(event.text()).close("span").close("li");
        }
        html.close("ol");
    }
}
