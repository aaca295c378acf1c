package org.zeoraid.raidctl;

import java.io.PrintWriter;
import java.time.Duration;
import picocli.CommandLine.Help.Ansi;

/**
 * Progress for whoever looks on: on a terminal one line that moves, otherwise a line now and then. What it shows goes to
 * the standard error, so that results can be piped.
 */
public final class Terminal {

    private static final Duration FRAME = Duration.ofMillis(200);
    private static final Duration LINE = Duration.ofSeconds(10);

    private final PrintWriter err;
    private final boolean moves;
    private final Duration pause;
    private long shownAt;
    private boolean shown;

    private Terminal(PrintWriter err, boolean moves) {
        this.err = err;
        this.moves = moves;
        this.pause = moves ? FRAME : LINE;
        this.shownAt = System.nanoTime() - FRAME.toNanos();
    }

    /** For progress on this stream. */
    public static Terminal on(PrintWriter err) {
        return new Terminal(err, isTerminal());
    }

    /** Whether somebody looks at what is written, and it can be overwritten. */
    public static boolean isTerminal() {
        return Ansi.AUTO.enabled();
    }

    /** Shows a line in place of the last one, unless that is too fresh. From any thread. */
    public synchronized void show(String line) {
        long now = System.nanoTime();
        if (now - shownAt < pause.toNanos()) {
            return;
        }
        shownAt = now;
        shown = true;
        if (moves) {
            err.print("\r" + line + "\u001b[K");
        } else {
            err.println(line);
        }
        err.flush();
    }

    /** Takes the line that moves away. */
    public synchronized void clear() {
        if (moves && shown) {
            err.print("\r\u001b[K");
            err.flush();
            shown = false;
        }
    }
}
