package org.zeoraid.web.page;

import java.time.Instant;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.web.action.Decision;

/** The question before a branch is decided instead of its transaction manager: what that means. */
public final class DecisionPage {

    private final Viewer viewer;
    private final ArrayStatus array;
    private final PreparedBranch branch;
    private final Decision decision;
    private final Instant now;

    public DecisionPage(Viewer viewer, ArrayStatus array, PreparedBranch branch, Decision decision, Instant now) {
        this.viewer = viewer;
        this.array = array;
        this.branch = branch;
        this.decision = decision;
        this.now = now;
    }

    /** The question as a page of its own. */
    public String page() {
        return Shell.question(viewer, title(), array.state(), this::write);
    }

    /** The question alone, for a dialog. */
    public String part() {
        Html html = new Html();
        write(html);
        return html.toString();
    }

    private String title() {
        return switch (decision) {
            case COMMIT -> "Commit this branch of " + array.name() + " by force?";
            case ROLLBACK -> "Roll this branch of " + array.name() + " back by force?";
            case FORGET -> "Forget this branch of " + array.name() + "?";
        };
    }

    private void write(Html html) {
        html.open(
                "form",
                "class",
                "ask",
                "method",
                "post",
                "action",
                Links.branch(viewer, array.name(), branch.id(), decision),
                "aria-labelledby",
                "ask-title");
        Shell.token(html, viewer);
        html.element("h1", title(), "id", "ask-title").open("div", "class", "branch");
        BranchTable.describe(html, branch, now);
        html.close("div");
        explanation(html);
        html.open("div", "class", "buttons")
                .element("button", confirm(), "class", "button grave full")
                .element(
                        "a",
                        "Leave it",
                        "class",
                        "button",
                        "href",
                        viewer.root() + "/",
                        "data-leave",
                        "",
                        "autofocus",
                        "")
                .close("div")
                .close("form");
    }

    private String confirm() {
        return switch (decision) {
            case COMMIT -> "Commit, whatever the others did";
            case ROLLBACK -> "Roll back, whatever the others did";
            case FORGET -> "Forget it";
        };
    }

    private void explanation(Html html) {
        if (decision == Decision.FORGET) {
            html.element(
                    "p",
                    "Its transaction manager is not told any more what was decided here. If it may still come back, let it ask"
                            + " first: then it can report that its resources disagree.",
                    "class",
                    "warning");
            return;
        }
        html.element(
                        "p",
                        "This is a heuristic decision, instead of the transaction manager's. Nobody but you makes sure that"
                                + " the other resources of the transaction did the same: first look what they did.",
                        "class",
                        "warning")
                .element(
                        "p",
                        decision == Decision.COMMIT
                                ? "What the branch changes is committed on all members, for good."
                                : "What the branch changes is thrown away, for good.")
                .element(
                        "p",
                        "If its transaction manager can come back, with its log and under its name, it decides by itself within"
                                + " a minute or two. Rather wait for that.");
    }
}
