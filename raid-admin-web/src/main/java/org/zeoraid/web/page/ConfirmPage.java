package org.zeoraid.web.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.Count;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.web.action.Action;

/** The question before something is done: what will happen, and what it costs. */
public final class ConfirmPage {

    private final Viewer viewer;
    private final ArrayStatus array;
    private final Optional<MemberStatus> member;
    private final Action action;

    /** @param member empty for an action on the array */
    public ConfirmPage(Viewer viewer, ArrayStatus array, Optional<MemberStatus> member, Action action) {
        this.viewer = viewer;
        this.array = array;
        this.member = member;
        this.action = action;
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

    private void write(Html html) {
        String name = member.map(MemberStatus::name).orElse("");
        html.open(
                "form",
                "class",
                "ask",
                "method",
                "post",
                "action",
                Links.action(viewer, array.name(), name, action),
                "aria-labelledby",
                "ask-title");
        Shell.token(html, viewer);
        html.element("h1", title(), "id", "ask-title");
        explanation(html);
        fields(html);
        html.open("div", "class", "buttons")
                .element("button", confirm(), "class", isGrave() ? "button grave full" : "button main")
                .element("a", "Leave it", leaving())
                .close("div")
                .close("form");
    }

    /** A second press of the key that asked must not answer: what costs something begins at the way out. */
    private String[] leaving() {
        List<String> attributes =
                new ArrayList<>(List.of("class", "button", "href", viewer.root() + "/", "data-leave", ""));
        if (action.isCostly()) {
            attributes.addAll(List.of("autofocus", ""));
        }
        return attributes.toArray(String[]::new);
    }

    private String title() {
        String what = member.map(found -> "member " + found.name() + " of " + array.name())
                .orElse("the array " + array.name());
        return switch (action) {
            case RESUME -> "Resume the recovery of " + what + "?";
            case PAUSE -> "Pause the recovery of " + what + "?";
            case THROTTLE -> "Throttle the recovery of " + what;
            case RELOAD -> "Read the configuration of " + array.name() + " again?";
            case PACK -> "Pack " + what + "?";
            case ASSEMBLE -> "Assemble " + array.name() + " by force?";
            case RECOVER, REBUILD, VERIFY, DISABLE -> action.label() + " " + what + "?";
        };
    }

    private String confirm() {
        return switch (action) {
            case ASSEMBLE -> "Assemble, and lose what is missing";
            case THROTTLE -> "Set the bound";
            default -> action.label() + member.map(found -> " " + found.name()).orElse("");
        };
    }

    private boolean isGrave() {
        return action == Action.ASSEMBLE;
    }

    private void explanation(Html html) {
        String name = member.map(MemberStatus::name).orElse("");
        switch (action) {
            case RECOVER ->
                html.element(
                        "p",
                        name
                                + " gets what it missed while the array works on, and serves again when it has"
                                + " everything.");
            case RESUME -> html.element("p", "The recovery goes on where it stopped.");
            case PAUSE ->
                html.element(
                        "p",
                        "Nothing more is copied to " + name
                                + " until you resume it, also after a restart. What is copied"
                                + " stays. Meanwhile the array lacks this member.");
            case THROTTLE ->
                html.element("p", "The recovery copies no more than this, so that other work gets the disk.");
            case VERIFY ->
                html.element(
                        "p",
                        name
                                + " is read whole and every record checked. That takes a while and makes its disk"
                                + " busy. The result is an event; a member that is found damaged is degraded.");
            case DISABLE -> disabling(html, name);
            case REBUILD -> rebuilding(html, name);
            case PACK ->
                html.element(
                        "p",
                        "Old revisions are forgotten on all members, for good: what was changed before then can no"
                                + " longer be undone or looked at. The array works meanwhile.");
            case RELOAD ->
                html.element(
                        "p",
                        "New members come in degraded, to be recovered. Members that are no longer named are closed. A"
                                + " configuration that does not parse, or would leave no optimal member, changes"
                                + " nothing.");
            case ASSEMBLE -> assembling(html);
        }
    }

    private void disabling(Html html, String name) {
        boolean serves =
                member.filter(found -> found.state() == MemberState.OPTIMAL).isPresent();
        long left = Action.optimal(array) - (serves ? 1 : 0);
        html.element(
                "p",
                name + " is closed and misses every transaction from now on, until you recover it. The array works on"
                        + " with " + Count.of(left, "optimal member") + ".");
        if (left == 1) {
            html.element(
                    "p",
                    "That is the last one: if it fails before " + name + " is back, " + array.name()
                            + " is out of service.",
                    "class",
                    "warning");
        }
    }

    private void rebuilding(Html html, String name) {
        html.element(
                "p",
                "What " + name
                        + " holds is set aside beside it, and the whole database is copied to it. That takes longer"
                        + " than a recovery, and needs room for both.");
        if (member.filter(found -> found.state() == MemberState.DIVERGED).isPresent()) {
            html.element(
                    "p",
                    name + " holds transactions that " + array.name() + " does not. They will be only in what is set"
                            + " aside: keep that until you know whether they matter.",
                    "class",
                    "warning");
        }
    }

    private void assembling(Html html) {
        if (!array.reason().isBlank()) {
            html.open("p").text("It says: ").element("q", array.reason()).close("p");
        }
        html.element(
                "p",
                "The array serves again, with what the members hold that are there now. Every transaction that only"
                        + " missing members hold is lost for its users, acknowledged or not, even if they come back.",
                "class",
                "warning");
        html.element("p", "If what is missing can still be brought back, do that instead: nothing is lost then.");
    }

    private void fields(Html html) {
        switch (action) {
            case THROTTLE -> {
                String bound = member.flatMap(MemberStatus::operation)
                        .flatMap(operation -> operation.limit())
                        .map(limit -> Words.decimal(limit / 1e6))
                        .orElse("");
                html.element("label", "MB a second; empty for no bound", "for", "ask-rate")
                        .open(
                                "input",
                                "id",
                                "ask-rate",
                                "name",
                                "megabytes",
                                "inputmode",
                                "decimal",
                                "autocomplete",
                                "off",
                                "value",
                                bound);
            }
            case PACK ->
                html.element("label", "Keep the history of this many days", "for", "ask-days")
                        .open(
                                "input",
                                "id",
                                "ask-days",
                                "name",
                                "days",
                                "type",
                                "number",
                                "min",
                                "0",
                                "max",
                                "36500",
                                "value",
                                "1",
                                "required",
                                "")
                        .open("label", "class", "check")
                        .open("input", "type", "checkbox", "name", "garbage", "value", "collect")
                        .element("span", "Drop objects that cannot be reached from the root, where that is safe")
                        .close("label");
            case ASSEMBLE ->
                html.element("label", "Type the name of the array, " + array.name() + ", to go on", "for", "ask-name")
                        .open(
                                "input",
                                "id",
                                "ask-name",
                                "name",
                                "name",
                                "autocomplete",
                                "off",
                                "autocapitalize",
                                "none",
                                "spellcheck",
                                "false",
                                "required",
                                "");
            default -> {}
        }
    }
}
