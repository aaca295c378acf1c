package org.zeoraid.raidctl;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Runs commands in this process. */
public final class Cli {

    /** What a command answered with. */
    public record Answer(int code, String out, String err) {}

    private Cli() {}

    public static Answer run(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = new String[arguments.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = arguments[i].toString();
        }
        int code = Raidctl.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
        return new Answer(code, out.toString(), err.toString());
    }

    /** Lays a database down that Python wrote. */
    public static Path fixture(String name, Path target) {
        try (InputStream data = Objects.requireNonNull(Cli.class.getResourceAsStream(name))) {
            Files.createDirectories(target.getParent());
            Files.copy(data, target);
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
