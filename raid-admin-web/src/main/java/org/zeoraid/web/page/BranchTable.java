package org.zeoraid.web.page;

import java.time.Instant;
import java.util.List;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.admin.Count;
import org.zeoraid.web.action.Decision;

/** Branches of global transactions that wait for a decision, or were decided by an admin. */
final class BranchTable {

    private final Html html;
    private final Viewer viewer;
    private final Instant now;

    BranchTable(Html html, Viewer viewer, Instant now) {
        this.html = html;
        this.viewer = viewer;
        this.now = now;
    }

    /** Nothing at all where there are none. */
    void write(String array, List<PreparedBranch> branches) {
        if (branches.isEmpty()) {
            return;
        }
        String id = "branches-" + array;
        html.open("div", "class", "branches", "id", id)
                .element("h3", "Transaction branches", "id", id + "-name")
                .element(
                        "p",
                        "Those in doubt were prepared and wait for their transaction manager; what they change is locked"
                                + " meanwhile. Those that an admin decided are kept until they are forgotten.",
                        "class",
                        "muted")
                .open("ul", "aria-labelledby", id + "-name");
        branches.forEach(branch -> item(array, branch));
        html.close("ul").close("div");
    }

    private void item(String array, PreparedBranch branch) {
        html.open("li", "class", "branch is-" + tone(branch), "id", "branch-" + array + "-" + branch.id());
        describe(html, branch, now);
        if (viewer.mayAct()) {
            html.open("div", "class", "buttons");
            Decision.offered(branch)
                    .forEach(decision -> html.element(
                            "a",
                            decision.label() + "…",
                            "class",
                            "button grave",
                            "href",
                            Links.branch(viewer, array, branch.id(), decision),
                            "data-ask",
                            "",
                            "aria-label",
                            decision.label() + " branch " + branch.id()));
            html.close("div");
        }
        html.close("li");
    }

    /** Everything that is known of a branch. */
    static void describe(Html html, PreparedBranch branch, Instant now) {
        String node = branch.id().words();
        html.open("div", "class", "head")
                .element("h4", node.isBlank() ? "An unnamed node" : node)
                .element("span", state(branch), "class", "tag is-" + tone(branch))
                .close("div")
                .open("dl", "class", "facts");
        html.fact("Since", () -> Words.time(html, branch.since(), now));
        html.fact(
                "Changes", () -> html.text(Count.of(branch.objects(), "object") + ", " + Words.bytes(branch.bytes())));
        html.fact("Name (xid)", () -> html.element("code", branch.id().toString(), "class", "xid"));
        html.close("dl");
    }

    private static String state(PreparedBranch branch) {
        return switch (branch.state()) {
            case IN_DOUBT -> "in doubt";
            case COMMITTED_BY_ADMIN -> "committed by an admin";
            case ROLLED_BACK_BY_ADMIN -> "rolled back by an admin";
        };
    }

    private static String tone(PreparedBranch branch) {
        return branch.state() == PreparedBranch.State.IN_DOUBT ? "warning" : "info";
    }
}
