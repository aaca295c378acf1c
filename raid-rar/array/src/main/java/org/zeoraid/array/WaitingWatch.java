package org.zeoraid.array;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.seam.Environment;

/**
 * Looks now and then, with growing pauses, whether members that were not seen since the start are back, and tells the
 * keeper of those that are. Safe for any number of threads.
 */
final class WaitingWatch {

    private static final int LONGEST = 6;

    private final Environment environment;
    private final ArrayOptions options;
    private final SuperblockKeeper keeper;
    private final Map<Member, Integer> attempts = new HashMap<>();
    private boolean ended;

    WaitingWatch(Environment environment, ArrayOptions options, SuperblockKeeper keeper) {
        this.environment = environment;
        this.options = options;
        this.keeper = keeper;
    }

    /** Begins to look for the members that wait. */
    synchronized void start() {
        keeper.current().members().stream()
                .filter(standing -> standing.state() == MemberState.WAITING)
                .map(Standing::member)
                .filter(member -> attempts.putIfAbsent(member, 0) == null)
                .forEach(this::later);
    }

    synchronized void end() {
        ended = true;
    }

    private synchronized void later(Member member) {
        int attempt = attempts.merge(member, 1, Integer::sum);
        Duration pause = options.retryPause().multipliedBy(1L << Math.min(attempt - 1, LONGEST));
        environment.schedule(pause, () -> look(member));
    }

    private void look(Member member) {
        synchronized (this) {
            if (ended || !keeper.current().isIn(member, MemberState.WAITING)) {
                attempts.remove(member);
                return;
            }
        }
        keeper.door(member)
                .thenCompose(door -> visit(door))
                .whenComplete((last, failure) -> found(member, last, failure));
    }

    private CompletionStage<Tid> visit(MemberDoor door) {
        return door.open().thenCompose(log -> Timed.within(
                        environment,
                        options.answerDeadline(),
                        Timed.ask(log::lastTid),
                        "it did not tell its last transaction")
                .whenComplete((last, failure) -> door.close(log)));
    }

    private void found(Member member, @Nullable Tid last, @Nullable Throwable failure) {
        if (failure != null || last == null) {
            later(member);
            return;
        }
        member.resetSeen(last);
        keeper.foundStale(member, "is back, and was away while the array worked: recover it");
    }
}
