package org.zeoraid.zeo.transcript;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A recorded connection of Python's ZEO client and server: lines of JSON, as {@code shared/zeo/PROTOCOL.md} of the
 * recording says; read here by pattern, since their shape is fixed.
 *
 * @param scenario what the line belongs to
 * @param connection its number
 * @param fromServer who sent it
 * @param bytes the message; empty where the connection was closed
 * @param decoded Python's repr of the message, cut off with {@code (...} where it is long
 */
public record Transcript(String scenario, int connection, boolean fromServer, byte[] bytes, String decoded) {

    private static final Pattern LINE = Pattern.compile(
            "\\{\"conn\": (\\d+), \"from\": \"(client|server)\", \"hex\": \"([0-9a-f]*)\", \"decoded\": \"(.*)\"}");
    private static final Pattern CLOSED =
            Pattern.compile("\\{\"conn\": (\\d+), \"from\": \"(client|server)\".*\"closed\": true.*\\}");
    private static final Pattern SCENARIO = Pattern.compile("\\{\"scenario\": \"(.*)\"}");

    public static List<Transcript> read(String name) {
        try (InputStream in = Transcript.class.getResourceAsStream("/transcripts/" + name)) {
            List<Transcript> lines = new ArrayList<>();
            String scenario = "";
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                Matcher start = SCENARIO.matcher(line);
                Matcher message = LINE.matcher(line);
                if (start.matches()) {
                    scenario = start.group(1);
                } else if (message.matches()) {
                    lines.add(new Transcript(
                            scenario,
                            Integer.parseInt(message.group(1)),
                            message.group(2).equals("server"),
                            HexFormat.of().parseHex(message.group(3)),
                            unescaped(message.group(4))));
                } else if (CLOSED.matcher(line).matches()) {
                    Matcher closed = CLOSED.matcher(line);
                    closed.matches();
                    lines.add(new Transcript(
                            scenario,
                            Integer.parseInt(closed.group(1)),
                            closed.group(2).equals("server"),
                            new byte[0],
                            ""));
                }
            }
            return lines;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String unescaped(String json) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char next = json.charAt(++i);
            switch (next) {
                case 'n' -> text.append('\n');
                case 't' -> text.append('\t');
                case 'u' -> {
                    text.append((char) Integer.parseInt(json.substring(i + 1, i + 5), 16));
                    i += 4;
                }
                default -> text.append(next);
            }
        }
        return text.toString();
    }

    public boolean isClosed() {
        return bytes.length == 0;
    }

    public boolean isMessage(char letter) {
        return bytes.length > 2 && (letter == 'Z' ? bytes[0] == (byte) 0x80 : (bytes[0] & 0xFF) == 0x94);
    }
}
