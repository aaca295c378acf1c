package org.zeoraid.array;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.Environment;

/**
 * Asks the optimal members now and then for their last transaction. One that this array never sent was written by somebody
 * else: another server by mistake. Going on would end with two truths, so writing stops until an admin decides.
 *
 * <p>A member whose log is closed, for its connection was lost, is taken out also while nobody reads or writes. If no
 * member's log is open any more nobody could be believed alone, and the array is assembled afresh. Safe for any number of
 * threads.
 */
final class ForeignWatch {

    /** A connection that is opened again in the course of a settlement is not there for a moment. */
    private static final int PATIENCE = 1;

    private final Environment environment;
    private final ArrayOptions options;
    private final MembershipKeeper keeper;
    private final ReplicatedLog log;
    private volatile boolean ended;
    private final AtomicInteger rounds = new AtomicInteger();

    ForeignWatch(Environment environment, ArrayOptions options, MembershipKeeper keeper, ReplicatedLog log) {
        this.environment = environment;
        this.options = options;
        this.keeper = keeper;
        this.log = log;
    }

    /** Begins to look. */
    void start() {
        environment.schedule(options.noteInterval(), () -> {
            if (!ended) {
                look();
                start();
            }
        });
    }

    void end() {
        ended = true;
    }

    private void look() {
        List<Standing> optimal = keeper.current().optimal();
        Round round = new Round(optimal.size());
        for (Standing standing : optimal) {
            standing.log().ifPresent(open -> Timed.ask(open::lastTid).whenComplete((last, failure) -> {
                // What it has now was sent before now, if it was sent by us.
                if (failure == null && !ended && last.isAfter(log.path().lane().lastSent())) {
                    found(standing.member(), last);
                }
                round.answered(standing.member(), failure);
            }));
        }
    }

    /** What all optimal members answered; one that does not answer is others' to judge. */
    private final class Round {
        private final int size;
        private final List<Member> closed = new ArrayList<>();
        private int answers;

        Round(int size) {
            this.size = size;
        }

        void answered(Member member, @Nullable Throwable failure) {
            synchronized (this) {
                if (failure != null && Failures.isAbsence(failure)) {
                    closed.add(member);
                }
                if (++answers < size || ended) {
                    return;
                }
            }
            if (closed.size() < size) {
                rounds.set(0);
            }
            if (closed.size() == size) {
                allClosed();
            } else {
                closed.forEach(gone -> log.path().readers().all().stream()
                        .filter(seat -> seat.member() == gone)
                        .forEach(seat ->
                                log.path().lane().expelReader(seat, "its connection is lost", Seat.Fault.SERVICE)));
            }
        }
    }

    private void allClosed() {
        if (rounds.incrementAndGet() > PATIENCE) {
            keeper.broken("no optimal member can be reached");
        }
    }

    private void found(Member member, Tid foreign) {
        String text = "holds transaction " + foreign + ", which this array did not write";
        CompletionStage<Void> stopped =
                keeper.stop("member " + member.name() + " " + text + ". Does another server write to it?");
        stopped.thenCompose(nothing -> keeper.degrade(member, text, Tid.NONE));
    }
}
