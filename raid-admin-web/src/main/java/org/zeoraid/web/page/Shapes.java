package org.zeoraid.web.page;

import java.util.Map;

/** A shape for each state, so that no state is told by colour alone. */
final class Shapes {

    private static final Map<String, String> SHAPES = Map.of(
            "optimal",
                    "<circle class=\"body\" cx=\"12\" cy=\"12\" r=\"11\"/><path class=\"cut\" d=\"M6.5 12.5l3.7 3.7 7.3-8\"/>",
            "recovering",
                    "<circle class=\"line\" cx=\"12\" cy=\"12\" r=\"9.5\" stroke-dasharray=\"42 18\"/>"
                            + "<path class=\"line\" d=\"M12 7v9M8 12.5l4 4 4-4\"/>",
            "degraded",
                    "<path class=\"body\" d=\"M12 1.5L23.5 22H.5z\"/><path class=\"cut\" d=\"M12 9v6.2M12 18.4v.2\"/>",
            "failed",
                    "<path class=\"body\" d=\"M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z\"/>"
                            + "<path class=\"cut\" d=\"M8 8l8 8M16 8l-8 8\"/>",
            "disabled",
                    "<rect class=\"body\" x=\"1.5\" y=\"1.5\" width=\"21\" height=\"21\" rx=\"3\"/><path class=\"cut\" d=\"M7 12h10\"/>",
            "diverged",
                    "<path class=\"body\" d=\"M12 .5L23.5 12 12 23.5.5 12z\"/><path class=\"cut\" d=\"M12 17.5V13L8.5 8M12 13l3.5-5\"/>",
            "waiting",
                    "<circle class=\"line\" cx=\"12\" cy=\"12\" r=\"10\" stroke-dasharray=\"3 3.3\"/>"
                            + "<path class=\"line\" d=\"M12 7v5.5l3.5 2\"/>");

    private Shapes() {}

    /** @param word a state's word */
    static void draw(Html html, String word) {
        html.open(
                        "svg",
                        "class",
                        "shape is-" + word,
                        "viewBox",
                        "0 0 24 24",
                        "aria-hidden",
                        "true",
                        "focusable",
                        "false")
                .markup(SHAPES.getOrDefault(word, ""))
                .close("svg");
    }

    /** Shape and word together, in the state's colour. */
    static void badge(Html html, String word) {
        html.open("span", "class", "badge is-" + word);
        draw(html, word);
        html.element("span", word).close("span");
    }
}
