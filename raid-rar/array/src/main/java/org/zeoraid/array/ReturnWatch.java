package org.zeoraid.array;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.seam.Environment;

/**
 * Looks for members that are away, with pauses that grow with the time they are away. One that could only not be reached, and
 * whose kind returns by itself, is recovered as soon as it answers; of one that was not seen since the start and is for an
 * admin to take back the keeper is told. A try that fails says nothing: only what changes is told. Safe for any number of
 * threads.
 */
final class ReturnWatch {

    private static final int DOUBLINGS = 6;

    /** How many retry pauses a pause has at most. */
    private static final int LONGEST = 1 << DOUBLINGS;

    /** A pause is this part of the time that a member has been away: the shorter that was, the sooner it is found. */
    private static final int PART = 4;

    /** A member that is away again so soon after it was taken back is looked for later, and later each time. */
    private static final Duration SOON = Duration.ofMinutes(10);

    private final Environment environment;
    private final ArrayOptions options;
    private final SuperblockKeeper keeper;
    private final Recoveries recoveries;
    private final Map<Member, Search> searches = new HashMap<>();
    private Runnable deaf = () -> {};
    private boolean ended;

    private static final class Search {
        private long since;
        private int relapses;
        private boolean underWay;
        private long takenBack;
        private boolean wasTakenBack;
    }

    ReturnWatch(Environment environment, ArrayOptions options, SuperblockKeeper keeper, Recoveries recoveries) {
        this.environment = environment;
        this.options = options;
        this.keeper = keeper;
        this.recoveries = recoveries;
    }

    /** Begins to look, now and whenever a member leaves; begun already, it looks whom to look for. */
    void start() {
        synchronized (this) {
            if (ended) {
                return;
            }
            deaf.run();
            deaf = keeper.listen(membership -> seek());
        }
        seek();
    }

    synchronized void end() {
        ended = true;
        deaf.run();
    }

    private void seek() {
        keeper.absentees().lookedFor().thenAccept(this::seek);
    }

    private synchronized void seek(List<Member> members) {
        searches.keySet()
                .retainAll(keeper.current().members().stream()
                        .map(Standing::member)
                        .toList());
        for (Member member : members) {
            Search search = searches.computeIfAbsent(member, fresh -> new Search());
            if (!search.underWay) {
                boolean stayed = !search.wasTakenBack || environment.nanoTime() - search.takenBack > SOON.toNanos();
                search.relapses = stayed ? 0 : search.relapses + 1;
                search.since = environment.nanoTime();
                search.underWay = true;
                later(member, search);
            }
        }
    }

    private synchronized void later(Member member, Search search) {
        Duration pause = pause(search);
        // Many members of one server, and many arrays, do not come at the same instant.
        Duration jitter = Duration.ofNanos(environment.random().nextLong(pause.toNanos() / 2 + 1));
        environment.schedule(pause.plus(jitter), () -> look(member, search));
    }

    private Duration pause(Search search) {
        long unit = options.retryPause().toNanos();
        long shortest = unit << Math.min(search.relapses, DOUBLINGS);
        long grown = (environment.nanoTime() - search.since) / PART;
        return Duration.ofNanos(Math.min(LONGEST * unit, Math.max(shortest, grown)));
    }

    private void look(Member member, Search search) {
        synchronized (this) {
            boolean out = keeper.current().isIn(member, MemberState.WAITING)
                    || keeper.current().isIn(member, MemberState.DEGRADED);
            if (ended || !out) {
                search.underWay = false;
                return;
            }
        }
        keeper.door(member)
                .thenCompose(this::visit)
                .thenCompose(last -> answers(member, last))
                .whenComplete((nothing, failure) -> looked(member, search, failure));
    }

    /** An open recovery would keep packs from beginning, so it begins only when the member answers. */
    private CompletionStage<Tid> visit(MemberDoor door) {
        return door.open().thenCompose(log -> Timed.within(
                        environment,
                        options.answerDeadline(),
                        Timed.ask(log::lastTid),
                        "it did not tell its last transaction")
                .handle((last, failure) -> door.close(log).thenApply(closed -> {
                    if (failure != null) {
                        throw Failures.known(failure);
                    }
                    return last;
                }))
                .thenCompose(stage -> stage));
    }

    private CompletionStage<Void> answers(Member member, Tid last) {
        return keeper.absentees().returnOf(member).thenCompose(note -> {
            if (note.isPresent()) {
                return recoveries.comeBack(member);
            }
            if (!member.source().returnsByItself()) {
                member.resetSeen(last);
            }
            return keeper.foundStale(member, "is back, and was away while the array worked: recover it");
        });
    }

    private void looked(Member member, Search search, @Nullable Throwable failure) {
        if (failure == null) {
            synchronized (this) {
                search.underWay = false;
                search.wasTakenBack = true;
                search.takenBack = environment.nanoTime();
            }
            seek();
            return;
        }
        Throwable cause = Failures.cause(failure);
        if (cause instanceof StorageException
                && !Failures.isAbsence(cause)
                && member.source().returnsByItself()) {
            // It answers, and says what only an admin can put right.
            synchronized (this) {
                search.underWay = false;
            }
            keeper.absentees().staysOut(member, Failures.text(cause), Seat.Fault.of(cause));
            return;
        }
        later(member, search);
    }
}
