package org.zeoraid.web.page;

import java.util.function.Consumer;
import org.zeoraid.storage.admin.ArrayState;

/** The frame around every page. */
final class Shell {

    private Shell() {}

    /** Begins a document, up to its main element. */
    static void begin(Html html, Viewer viewer, String title, ArrayState state) {
        String assets = viewer.root() + "/assets/";
        html.markup("<!doctype html>")
                .open("html", "lang", "en")
                .open("head")
                .markup("<meta charset=\"utf-8\">")
                .open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
                .open("meta", "name", "color-scheme", "content", "light dark")
                .open("meta", "name", "robots", "content", "noindex")
                .element("title", title)
                .open("link", "rel", "icon", "type", "image/svg+xml", "id", "icon", "href", icon(viewer, state))
                .open("link", "rel", "stylesheet", "href", assets + "raid.css")
                .open("script", "src", assets + "raid.js", "defer", "")
                .close("script")
                .close("head")
                .open("body", "data-root", viewer.root())
                .element("a", "Skip to the content", "class", "skip", "href", "#main");
    }

    /** The bar with who is signed in. */
    static void bar(Html html, Viewer viewer) {
        html.open("header", "class", "bar")
                .open("a", "class", "brand", "href", viewer.root() + "/")
                .markup("<svg class=\"logo\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M3 6.5C3 4 7 2.5 12"
                        + " 2.5S21 4 21 6.5 17 10.5 12 10.5 3 9 3 6.5zM3 12c0 2.5 4 4 9 4s9-1.5 9-4M3"
                        + " 17.5c0 2.5 4 4 9 4s9-1.5 9-4M3 6.5v11M21 6.5v11\"/></svg>")
                .element("span", "ZEORaid")
                .close("a");
        if (!viewer.name().isEmpty()) {
            html.open("form", "class", "who", "method", "post", "action", viewer.root() + "/logout")
                    .open("span")
                    .element("span", viewer.name(), "class", "name");
            if (!viewer.mayAct()) {
                html.element("span", "reading only", "class", "muted");
            }
            html.close("span");
            token(html, viewer);
            html.element("button", "Sign out", "class", "quiet").close("form");
        }
        html.close("header");
    }

    /** A question as a page of its own, for browsers that do not show it in a dialog. */
    static String question(Viewer viewer, String title, ArrayState state, Consumer<Html> question) {
        Html html = new Html();
        begin(html, viewer, title + " · ZEORaid", state);
        bar(html, viewer);
        html.open("main", "id", "main", "class", "narrow").open("div", "class", "card");
        question.accept(html);
        html.close("div").close("main");
        end(html);
        return html.toString();
    }

    static void end(Html html) {
        html.close("body").close("html");
    }

    /** What a form of a session must bring back. */
    static void token(Html html, Viewer viewer) {
        if (!viewer.token().isEmpty()) {
            html.open("input", "type", "hidden", "name", "token", "value", viewer.token());
        }
    }

    static String icon(Viewer viewer, ArrayState state) {
        return viewer.root() + "/assets/" + state.word() + ".svg";
    }
}
