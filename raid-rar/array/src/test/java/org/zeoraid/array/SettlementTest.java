package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.MemberState;

/** Whole arrays none of whose members can tell what was committed last, and of which one hangs when it is asked. */
class SettlementTest {

    /** A commit that a may have, and b has not, with all of that being found out now. */
    private static CompletableFuture<Tid> inDoubt(ArrayRig rig) {
        rig.faults("a").appendOnce(Faults.Append.UNKNOWN_DONE);
        rig.faults("b").appendOnce(Faults.Append.UNKNOWN_LOST);
        CompletableFuture<Tid> commit = rig.commitLater(1, "y").toCompletableFuture();
        rig.environment.runUntil(() -> rig.array.events(0, 1000).stream()
                .anyMatch(event -> event.kind().equals("settling")));
        return commit;
    }

    private static ArrayRig serving(int seed) {
        ArrayRig rig = new ArrayRig(seed, "a", "b");
        rig.openServing();
        rig.commit(1, "x");
        return rig;
    }

    private static void assertServesWithout(ArrayRig rig, String out) {
        rig.environment.advance(Duration.ofMinutes(2));
        assertThat(rig.state(out)).as(out).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.DEGRADED);
        rig.commit(1, "z");
        assertThat(rig.load(1)).isEqualTo("z");
    }

    @Test
    void theOneThatHasItIsTheTruthAndTheOtherGetsIt() {
        ArrayRig rig = serving(1);

        CompletableFuture<Tid> commit = inDoubt(rig);
        rig.environment.advance(Duration.ofMinutes(1));

        assertThat(commit).isCompleted();
        assertThat(rig.tids("b")).isEqualTo(rig.tids("a")).contains(commit.join());
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.OPTIMAL);
    }

    @Test
    void aMemberThatNeverTakesWhatItMissesIsNotWaitedFor() {
        ArrayRig rig = serving(2);

        CompletableFuture<Tid> commit = inDoubt(rig);
        rig.faults("b").appends(Faults.Append.HANG);
        rig.environment.advance(Duration.ofMinutes(1));

        assertThat(commit).isCompleted();
        assertServesWithout(rig, "b");
    }

    @Test
    void aMemberWhoseLastTransactionsCannotBeReadIsNotTheTruth() {
        ArrayRig rig = serving(3);

        CompletableFuture<Tid> commit = inDoubt(rig);
        rig.faults("a").reads(Faults.Read.HANG);
        rig.environment.advance(Duration.ofMinutes(1));

        assertThat(commit).isCompletedExceptionally();
        assertServesWithout(rig, "a");
    }

    @Test
    void aMemberThatHoldsUpWhoAsksItHoldsUpNobodyElse() {
        ArrayRig rig = serving(4);

        CompletableFuture<Tid> commit = inDoubt(rig);
        // Its own worker hangs once it is open again, so whatever is asked there has no answer.
        rig.environment.runUntil(() -> rig.opened("b") == 2);
        rig.stalls.hang("member-main-b");
        rig.environment.advance(Duration.ofMinutes(2));

        assertThat(commit).isCompleted();
        assertServesWithout(rig, "b");
    }
}
