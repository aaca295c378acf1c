package org.zeoraid.raidctl.admin;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.zeoraid.raidctl.Common;
import org.zeoraid.raidctl.Exit;
import org.zeoraid.raidctl.Json;
import org.zeoraid.raidctl.Refusal;
import org.zeoraid.raidctl.call.ServerOption;
import org.zeoraid.storage.admin.ArrayEvent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code raidctl events}: what has happened. */
@Command(
        name = "events",
        mixinStandardHelpOptions = true,
        description = "Lists what has happened to an array, oldest first: number, time, severity, text.")
public final class EventsCommand implements Callable<Integer> {

    private static final long LOOK_NANOS = 1_000_000_000;

    @Mixin
    private Common common = new Common();

    @Mixin
    private ServerOption server = new ServerOption();

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "COUNT",
            description = "The newest COUNT of them; ${DEFAULT-VALUE} unless given.")
    private int limit = 50;

    @Option(names = "--after", paramLabel = "NUMBER", description = "Only those with greater numbers.")
    private long after;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on, and tell of new ones as they come.")
    private boolean follow;

    @Override
    public Integer call() {
        if (limit < 1 || limit > 1000 || after < 0) {
            throw Refusal.wrongUse("--limit is from 1 to 1000, and --after not negative");
        }
        try (RemoteArray array = RemoteArray.connect(server)) {
            List<ArrayEvent> events = array.events(after, limit);
            tell(events);
            long last = events.isEmpty() ? after : events.get(events.size() - 1).number();
            while (follow && !Thread.interrupted()) {
                LockSupport.parkNanos(LOOK_NANOS);
                List<ArrayEvent> more = array.events(last, 1000);
                if (!more.isEmpty()) {
                    tell(more);
                    last = more.get(more.size() - 1).number();
                }
            }
            return Exit.DONE;
        }
    }

    private void tell(List<ArrayEvent> events) {
        if (common.json()) {
            common.out().println(Json.of(events.stream().map(Pictures::json).toList()));
        } else {
            events.forEach(event -> common.out().println(Pictures.event(event)));
        }
    }
}
