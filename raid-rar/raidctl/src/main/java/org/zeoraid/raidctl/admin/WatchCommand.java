package org.zeoraid.raidctl.admin;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.zeoraid.raidctl.Check;
import org.zeoraid.raidctl.Common;
import org.zeoraid.raidctl.Exit;
import org.zeoraid.raidctl.Json;
import org.zeoraid.raidctl.Refusal;
import org.zeoraid.raidctl.Terminal;
import org.zeoraid.raidctl.call.ServerOption;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code raidctl watch}: an array as it changes. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = {
            "Shows an array and what is being done to it, until Ctrl-C. On a terminal the picture moves; elsewhere a line is"
                    + " written when a state changes, and now and then how far things are.",
            "It goes on when the server is away for a while."
        },
        exitCodeListHeading = "Exit codes, with --wait:%n",
        exitCodeList = {"0:optimal", "1:recovering, but paused", "2:degraded, failed or unreachable", "3:unknown"})
public final class WatchCommand implements Callable<Integer>, Check {

    private static final Duration SELDOM = Duration.ofSeconds(10);

    @Mixin
    private Common common = new Common();

    @Mixin
    private ServerOption server = new ServerOption();

    @Option(
            names = {"-i", "--interval"},
            paramLabel = "SECONDS",
            description = "How often the server is asked; ${DEFAULT-VALUE} unless given.")
    private double interval = 1;

    @Option(names = "--wait", description = "End when nothing is being done any more, with the array's state.")
    private boolean wait;

    private Optional<RemoteArray> connection = Optional.empty();
    private int linesShown;
    private @Nullable String told;
    private long toldAt;

    @Override
    public Integer call() {
        if (!(interval >= 0.05 && interval <= 86_400)) {
            throw Refusal.wrongUse("--interval is from 0.05 to 86400 seconds");
        }
        boolean moves = Terminal.isTerminal() && !common.json();
        try {
            while (true) {
                Optional<ArrayStatus> status = look(moves);
                if (status.isPresent() && wait && isIdle(status.get())) {
                    return StatusCommand.code(status.get().state());
                }
                LockSupport.parkNanos((long) (interval * 1e9));
                if (Thread.interrupted()) {
                    return Exit.UNKNOWN;
                }
            }
        } finally {
            connection.ifPresent(RemoteArray::close);
        }
    }

    /** What is under way and not held up by an admin. */
    static boolean isIdle(ArrayStatus array) {
        return Stream.concat(
                                array.operation().stream(),
                                array.members().stream().flatMap(member -> member.operation().stream()))
                        .allMatch(operation -> operation.paused())
                && array.members().stream()
                        .noneMatch(member -> member.state() == MemberState.RECOVERING
                                && member.operation().isEmpty());
    }

    private Optional<ArrayStatus> look(boolean moves) {
        ArrayStatus status;
        try {
            RemoteArray array = connection.isPresent() ? connection.get() : RemoteArray.connect(server);
            connection = Optional.of(array);
            status = array.status();
        } catch (Refusal e) {
            connection.ifPresent(RemoteArray::close);
            connection = Optional.empty();
            if (wait || e.kind() == Refusal.Kind.WRONG_USE) {
                throw e;
            }
            show(moves, List.of(String.valueOf(e.getMessage())), String.valueOf(e.getMessage()));
            return Optional.empty();
        }
        if (common.json()) {
            common.out().println(Json.of(Pictures.json(status)));
        } else {
            show(moves, Pictures.details(status), states(status));
        }
        return Optional.of(status);
    }

    private void show(boolean moves, List<String> lines, String states) {
        PrintWriter out = common.out();
        if (moves) {
            // Back to where the last picture begins, and over it.
            StringBuilder picture = new StringBuilder(linesShown > 0 ? "\u001b[" + linesShown + "A\r" : "");
            lines.forEach(line -> picture.append(line).append("\u001b[K\n"));
            out.print(picture.append("\u001b[J"));
            out.flush();
            linesShown = lines.size();
            return;
        }
        long now = System.nanoTime();
        boolean same = states.equals(told);
        if (!same || now - toldAt > SELDOM.toNanos() && lines.size() > 1 && moving) {
            told = states;
            toldAt = now;
            lines.forEach(out::println);
            out.flush();
        }
    }

    private boolean moving;

    /** What makes a picture another one, progress aside. */
    private String states(ArrayStatus array) {
        moving = !isIdle(array);
        StringBuilder states = new StringBuilder(array.state().word()).append(array.reason());
        array.operation().ifPresent(operation -> states.append(operation.kind()).append(operation.phase()));
        array.members().forEach(member -> {
            states.append('\n')
                    .append(member.name())
                    .append(member.state().word())
                    .append(member.reason());
            member.operation().ifPresent(operation -> states.append(operation.kind())
                    .append(operation.phase())
                    .append(operation.paused()));
        });
        return states.toString();
    }
}
