package org.zeoraid.array;

import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.Environment;

/**
 * Asks the optimal members now and then for their last transaction. One that this array never sent was written by somebody
 * else: another server by mistake. Going on would end with two truths, so writing stops until an admin decides. Safe for
 * any number of threads.
 */
final class ForeignWatch {

    private final Environment environment;
    private final ArrayOptions options;
    private final MembershipKeeper keeper;
    private final ReplicatedLog log;
    private volatile boolean ended;

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
        for (Standing standing : keeper.current().optimal()) {
            standing.log().ifPresent(open -> Timed.ask(open::lastTid).whenComplete((last, failure) -> {
                // What it has now was sent before now, if it was sent by us.
                if (failure == null && !ended && last.isAfter(log.path().lane().lastSent())) {
                    found(standing.member(), last);
                }
            }));
        }
    }

    private void found(Member member, Tid foreign) {
        String text = "holds transaction " + foreign + ", which this array did not write";
        CompletionStage<Void> stopped =
                keeper.stop("member " + member.name() + " " + text + ". Does another server write to it?");
        stopped.thenCompose(nothing -> keeper.degrade(member, text, Tid.NONE));
    }
}
