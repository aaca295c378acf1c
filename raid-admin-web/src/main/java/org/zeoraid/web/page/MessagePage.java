package org.zeoraid.web.page;

import java.util.Optional;
import org.zeoraid.storage.admin.ArrayState;

/** Pages that say little: the login form, and what went wrong with a request. */
public final class MessagePage {

    private MessagePage() {}

    /**
     * The login form.
     *
     * @param target where to go afterwards
     * @param problem what was wrong with the last try
     */
    public static String login(String root, String target, Optional<String> problem) {
        Viewer nobody = new Viewer(root, "", false, "");
        Html html = new Html();
        Shell.begin(html, nobody, "Sign in · ZEORaid", ArrayState.OPTIMAL);
        Shell.bar(html, nobody);
        html.open("main", "id", "main", "class", "login")
                .open("form", "class", "card", "method", "post", "action", root + "/login")
                .element("h1", "Sign in");
        problem.ifPresent(text -> html.element("p", text, "class", "notice is-failed", "role", "alert"));
        html.open("input", "type", "hidden", "name", "to", "value", target)
                .element("label", "User", "for", "user")
                .open(
                        "input",
                        "id",
                        "user",
                        "name",
                        "user",
                        "value",
                        "admin",
                        "autocomplete",
                        "username",
                        "autocapitalize",
                        "none",
                        "spellcheck",
                        "false",
                        "required",
                        "")
                .element("label", "Password", "for", "password")
                .open(
                        "input",
                        "id",
                        "password",
                        "name",
                        "password",
                        "type",
                        "password",
                        "autocomplete",
                        "current-password",
                        "required",
                        "",
                        "autofocus",
                        "")
                .element("button", "Sign in", "class", "button main")
                .close("form")
                .close("main");
        Shell.end(html);
        return html.toString();
    }

    /** What went wrong with a request. */
    public static String problem(Viewer viewer, String title, String text) {
        Html html = new Html();
        Shell.begin(html, viewer, title + " · ZEORaid", ArrayState.DEGRADED);
        Shell.bar(html, viewer);
        html.open("main", "id", "main", "class", "narrow")
                .open("div", "class", "card")
                .element("h1", title)
                .element("p", text)
                .open("p")
                .element("a", "Back to the arrays", "class", "button", "href", viewer.root() + "/")
                .close("p")
                .close("div")
                .close("main");
        Shell.end(html);
        return html.toString();
    }
}
