package org.zeoraid.raidctl.serve;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.zeoraid.raidctl.LogLine;

/** Writes each message through at once: the process may be killed the next moment. */
final class LineHandler extends Handler {

    private final OutputStream out;

    private LineHandler(OutputStream out) {
        this.out = out;
    }

    static LineHandler standardError() {
        return new LineHandler(System.err);
    }

    static LineHandler file(Path path) throws IOException {
        return new LineHandler(new FileOutputStream(path.toFile(), true));
    }

    @Override
    public synchronized void publish(LogRecord entry) {
        if (!isLoggable(entry)) {
            return;
        }
        try {
            out.write((LogLine.of(entry) + System.lineSeparator()).getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            // A full disk must not stop the arrays, and there is nowhere to tell of it but here.
            System.err.println("raidctl: the log cannot be written: " + e + ": " + LogLine.message(entry));
        }
    }

    @Override
    public void flush() {
        // Nothing waits here.
    }

    @Override
    public void close() {
        if (out == System.err) {
            return;
        }
        try {
            out.close();
        } catch (IOException e) {
            System.err.println("raidctl: the log cannot be closed: " + e);
        }
    }
}
