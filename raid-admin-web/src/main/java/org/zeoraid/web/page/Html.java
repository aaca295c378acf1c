package org.zeoraid.web.page;

/** HTML as it is written, with everything that is not ours escaped. */
final class Html {

    private final StringBuilder out = new StringBuilder(8192);

    /** Opens an element; attributes in pairs of name and value. */
    Html open(String element, String... attributes) {
        out.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            escape(attributes[i + 1]);
            out.append('"');
        }
        out.append('>');
        return this;
    }

    Html close(String element) {
        out.append("</").append(element).append('>');
        return this;
    }

    Html text(String text) {
        escape(text);
        return this;
    }

    /** A whole element with nothing but text in it. */
    Html element(String element, String text, String... attributes) {
        return open(element, attributes).text(text).close(element);
    }

    /** A term of a list of facts with what is to be said of it. */
    Html fact(String term, Runnable description) {
        open("div").element("dt", term).open("dd");
        description.run();
        return close("dd").close("div");
    }

    /** Markup that this program made itself. */
    Html markup(String markup) {
        out.append(markup);
        return this;
    }

    private void escape(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c);
            }
        }
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
