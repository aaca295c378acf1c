package org.zeoraid.web.page;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.storage.admin.OperationStatus;
import org.zeoraid.web.action.Action;

/** One array: its state, its members, its last events. */
final class ArraySection {

    private final Html html;
    private final Viewer viewer;
    private final Instant now;

    ArraySection(Html html, Viewer viewer, Instant now) {
        this.html = html;
        this.viewer = viewer;
        this.now = now;
    }

    void write(ArrayPicture picture) {
        ArrayStatus array = picture.status();
        String id = "array-" + array.name();
        html.open("section", "class", "array is-" + array.state().word(), "id", id, "aria-labelledby", id + "-name");
        head(array, id);
        // of an array that serves the reason is those of its members, and each of them has its own below
        if (array.state() == ArrayState.FAILED && !array.reason().isBlank()) {
            html.element("p", array.reason(), "class", "reason");
        }
        facts(array);
        array.operation().ifPresent(operation -> progress(operation, id));
        html.open("ul", "class", "members", "aria-label", "Members of " + array.name());
        array.members().forEach(member -> member(array, member));
        html.close("ul");
        new BranchTable(html, viewer, now).write(array.name(), picture.lasting(now));
        new EventTable(html, viewer, now).recent(array.name(), picture.events());
        html.close("section");
    }

    private void head(ArrayStatus array, String id) {
        html.open("div", "class", "head")
                .open("h2", "id", id + "-name")
                .element("span", "Array ", "class", "muted")
                .text(array.name())
                .close("h2");
        Shapes.badge(html, array.state().word());
        if (array.readOnly()) {
            html.element("span", "read-only", "class", "tag");
        }
        buttons(array.name(), "", Action.offered(array));
        html.close("div");
    }

    private void facts(ArrayStatus array) {
        html.open("dl", "class", "facts");
        html.fact(
                "Members",
                () -> html.text(Action.optimal(array) + " of " + array.members().size() + " optimal"));
        html.fact("Last transaction", () -> Words.transaction(html, array.lastTid(), now));
        html.fact("Generation", () -> html.text(Words.count(array.generation())));
        html.close("dl");
    }

    private void member(ArrayStatus array, MemberStatus member) {
        String id = "member-" + array.name() + "-" + member.name();
        String word = member.state().word();
        html.open("li", "class", "member is-" + word, "id", id);
        html.open("div", "class", "head").element("h3", member.name());
        Shapes.badge(html, word);
        html.close("div");
        if (!member.reason().isBlank()) {
            html.element("p", member.reason(), "class", "reason");
        }
        member.operation().ifPresent(operation -> progress(operation, id));
        html.open("dl", "class", "facts");
        html.fact("Since", () -> Words.time(html, member.since(), now));
        html.fact("Last transaction", () -> lastTransaction(array, member));
        html.fact("Lies at", () -> place(member));
        html.close("dl");
        buttons(array.name(), member.name(), Action.offered(array, member));
        html.close("li");
    }

    /** A path breaks between its folders, where it has to. */
    private void place(MemberStatus member) {
        html.open("span", "class", "place");
        for (String part : member.location().split("(?<=[/\\\\:])")) {
            html.text(part).markup("<wbr>");
        }
        html.close("span").text(" ").element("span", member.kind(), "class", "muted");
    }

    private void lastTransaction(ArrayStatus array, MemberStatus member) {
        boolean same = member.lastTid().equals(array.lastTid());
        if (same && member.state() == MemberState.OPTIMAL) {
            html.text("the array's last");
        } else {
            Words.transaction(html, member.lastTid(), now);
        }
    }

    private void progress(OperationStatus operation, String id) {
        int percent = Words.percent(operation);
        String label = Words.verb(operation) + (operation.paused() ? ", paused" : "");
        html.open("div", "class", operation.paused() ? "operation paused" : "operation", "id", id + "-operation")
                .open("div", "class", "line")
                .element("strong", label, "id", id + "-operation-name")
                .element("span", operation.total() > 0 ? percent + " %" : "", "class", "percent")
                .close("div");
        List<String> attributes = new ArrayList<>(List.of("max", "100", "aria-labelledby", id + "-operation-name"));
        if (operation.total() > 0) {
            attributes.addAll(List.of("value", Integer.toString(percent)));
        }
        html.element("progress", percent + " %", attributes.toArray(String[]::new))
                .element("p", Words.progress(operation), "class", "muted")
                .element("p", operation.phase(), "class", "muted")
                .close("div");
    }

    private void buttons(String array, String member, List<Action> actions) {
        if (!viewer.mayAct() || actions.isEmpty()) {
            return;
        }
        html.open("div", "class", "buttons");
        actions.forEach(action -> button(html, viewer, array, member, action));
        html.close("div");
    }

    /**
     * A recovery begins at once; everything else is asked about first.
     *
     * @param member blank for the array
     */
    static void button(Html html, Viewer viewer, String array, String member, Action action) {
        String url = Links.action(viewer, array, member, action);
        String of = action.label() + " " + (member.isEmpty() ? array : member);
        if (action == Action.RECOVER) {
            html.open("form", "method", "post", "action", url);
            Shell.token(html, viewer);
            html.element("button", action.label(), "class", "button main", "aria-label", of)
                    .close("form");
        } else {
            boolean grave = action == Action.ASSEMBLE;
            html.element(
                    "a",
                    action.label() + "…",
                    "class",
                    grave ? "button grave" : "button",
                    "href",
                    url,
                    "data-ask",
                    "",
                    "aria-label",
                    of);
        }
    }
}
