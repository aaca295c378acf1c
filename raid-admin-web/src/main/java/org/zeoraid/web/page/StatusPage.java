package org.zeoraid.web.page;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayState;

/** What an admin sees: first whether the service is up and what is to be done, then every array. */
public final class StatusPage {

    private final Viewer viewer;
    private final Instant now;

    public StatusPage(Viewer viewer, Instant now) {
        this.viewer = viewer;
        this.now = now;
    }

    /**
     * The whole page.
     *
     * @param notice what became of what was asked for last
     */
    public String page(List<ArrayPicture> arrays, Optional<Notice> notice) {
        return page(Verdict.of(arrays, now), arrays, notice);
    }

    /** The page of a server whose arrays cannot be asked. */
    public String unreachable(String why) {
        return page(Verdict.unreachable(why), List.of(), Optional.empty());
    }

    /** The part that changes by itself. */
    public String live(List<ArrayPicture> arrays) {
        Html html = new Html();
        live(html, Verdict.of(arrays, now), arrays);
        return html.toString();
    }

    /** The part that changes by itself, of a server whose arrays cannot be asked. */
    public String liveUnreachable(String why) {
        Html html = new Html();
        live(html, Verdict.unreachable(why), List.of());
        return html.toString();
    }

    /** All events of an array that are kept at hand. */
    public String events(String array, List<ArrayEvent> events) {
        Html html = new Html();
        Shell.begin(html, viewer, "Events of " + array + " · ZEORaid", ArrayState.OPTIMAL);
        Shell.bar(html, viewer);
        html.open("main", "id", "main", "class", "narrow")
                .open("p")
                .element("a", "← All arrays", "href", viewer.root() + "/")
                .close("p")
                .open("section", "class", "array")
                .element("h1", "Events of " + array);
        if (events.isEmpty()) {
            html.element("p", "Nothing has happened yet.", "class", "muted");
        }
        new EventTable(html, viewer, now).list(events);
        html.close("section").close("main");
        Shell.end(html);
        return html.toString();
    }

    private String page(Verdict verdict, List<ArrayPicture> arrays, Optional<Notice> notice) {
        Html html = new Html();
        Shell.begin(html, viewer, title(verdict), verdict.state());
        Shell.bar(html, viewer);
        html.open("p", "id", "connection", "class", "connection", "role", "alert", "hidden", "")
                .close("p")
                .element("p", "", "id", "announce", "class", "unseen", "role", "status")
                .open("main", "id", "main");
        notice.ifPresent(said -> html.element(
                "p", said.text(), "class", said.isGood() ? "notice passing" : "notice is-failed", "role", "status"));
        live(html, verdict, arrays);
        html.open("noscript")
                .element("p", "This page shows a moment; reload it to see the next.", "class", "muted")
                .close("noscript")
                .close("main");
        Shell.end(html);
        return html.toString();
    }

    private static String title(Verdict verdict) {
        return verdict.headline() + " · ZEORaid";
    }

    private void live(Html html, Verdict verdict, List<ArrayPicture> arrays) {
        html.open(
                "div",
                "id",
                "live",
                "data-title",
                title(verdict),
                "data-icon",
                Shell.icon(viewer, verdict.state()),
                "data-says",
                verdict.headline() + ". " + verdict.sentence());
        verdict(html, verdict);
        ArraySection section = new ArraySection(html, viewer, now);
        arrays.forEach(section::write);
        html.open("p", "class", "asof muted").text("As of ");
        html.element(
                "time",
                Words.moment(now),
                "datetime",
                now.truncatedTo(ChronoUnit.SECONDS).toString(),
                "data-exact",
                "");
        html.close("p").close("div");
    }

    private void verdict(Html html, Verdict verdict) {
        html.open("section", "class", "verdict is-" + verdict.state().word(), "aria-labelledby", "verdict");
        html.open("div", "class", "answer");
        Shapes.draw(html, verdict.state().word());
        html.open("div")
                .element("h1", verdict.headline(), "id", "verdict")
                .element("p", verdict.sentence())
                .close("div")
                .close("div");
        if (!verdict.tasks().isEmpty()) {
            html.element("h2", "What to do").open("ol", "class", "tasks");
            verdict.tasks().forEach(task -> task(html, task));
            html.close("ol");
        }
        html.close("section");
    }

    private void task(Html html, Verdict.Task task) {
        // by its name it stays what it is when another one comes before it, also under somebody's finger
        html.open("li", "id", "task-" + task.array() + "-" + task.member().orElse(""))
                .open("span", "class", "what")
                .open("b");
        html.text(task.member().map(member -> "Member " + member).orElse("Array " + task.array()))
                .close("b")
                .text(task.member().isPresent() ? " of " + task.array() + ": " : ": ")
                .text(task.text())
                .close("span");
        if (viewer.mayAct() && task.member().isPresent()) {
            task.action()
                    .ifPresent(action -> ArraySection.button(
                            html, viewer, task.array(), task.member().get(), action));
        }
        html.close("li");
    }
}
