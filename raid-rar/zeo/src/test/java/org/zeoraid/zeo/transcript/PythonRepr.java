package org.zeoraid.zeo.transcript;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.Tuple;

/** Values as Python's {@code repr} writes them. */
public final class PythonRepr {

    private PythonRepr() {}

    public static String of(Object value) {
        if (value == null) {
            return "None";
        }
        if (value instanceof Boolean truth) {
            return truth ? "True" : "False";
        }
        if (value instanceof byte[] bytes) {
            return bytes(bytes);
        }
        if (value instanceof String text) {
            String quote = text.contains("'") ? "\"" : "'";
            return quote + text.replace("\n", "\\n") + quote;
        }
        if (value instanceof Tuple tuple) {
            return tuple.size() == 1 ? "(" + of(tuple.get(0)) + ",)" : "(" + joined(tuple) + ")";
        }
        if (value instanceof List<?> list) {
            return "[" + joined(list) + "]";
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> of(entry.getKey()) + ": " + of(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        return value instanceof Double number ? new BigDecimal(number.toString()).toPlainString() : value.toString();
    }

    public static String of(Message message) {
        Object flag = message.isReply() ? (Object) message.flag() : (Object) (message.flag() == 1);
        return "(" + of(message.id()) + ", " + of(flag) + ", " + of(message.method()) + ", " + of(message.arguments())
                + ")";
    }

    private static String joined(List<?> items) {
        return items.stream().map(PythonRepr::of).collect(Collectors.joining(", "));
    }

    private static String bytes(byte[] bytes) {
        boolean apostrophe = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).contains("'");
        boolean quotation = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).contains("\"");
        char quote = apostrophe && !quotation ? '"' : '\'';
        StringBuilder text = new StringBuilder("b").append(quote);
        for (byte octet : bytes) {
            int code = octet & 0xFF;
            switch (code) {
                case '\t' -> text.append("\\t");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\\' -> text.append("\\\\");
                default -> {
                    if (code == quote) {
                        text.append('\\').append(quote);
                    } else if (code >= 32 && code < 127) {
                        text.append((char) code);
                    } else {
                        text.append(String.format("\\x%02x", code));
                    }
                }
            }
        }
        return text.append(quote).toString();
    }
}
