package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.MemberState;

class RaidArrayTest {

    @Test
    void aFreshArrayOfEmptyMembersIsOptimalAtOnce() {
        ArrayRig rig = new ArrayRig(1, "a", "b", "c");

        rig.openServing();

        assertThat(rig.array.status().state()).isEqualTo(ArrayState.OPTIMAL);
        assertThat(rig.array.status().reason()).isBlank();
    }

    @Test
    void aCommitIsOnAllMembersAndSurvivesAStopInOrder() {
        ArrayRig rig = new ArrayRig(2, "a", "b", "c");
        rig.openServing();
        Tid tid = rig.commit(1, "hello");
        rig.close();

        rig.openServing();

        assertThat(rig.load(1)).isEqualTo("hello");
        assertThat(rig.tids("a")).containsExactly(tid);
        assertThat(rig.tids("b")).containsExactly(tid);
        assertThat(rig.tids("c")).containsExactly(tid);
    }

    @Test
    void aMemberThatMissedACommitIsNeverTheTruthAlsoWhenItIsTheOnlyOneLeft() {
        ArrayRig rig = new ArrayRig(3, "a", "b");
        rig.openServing();
        rig.commit(1, "old");
        rig.faults("b").appends(Faults.Append.REFUSE);
        Tid missed = rig.commit(1, "new");
        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
        rig.crash();
        rig.faults("a").opening(Faults.Open.UNAVAILABLE);

        rig.open();
        rig.environment.advance(java.time.Duration.ofMinutes(5));

        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        assertThat(rig.array.status().reason()).contains("waits for a");
        rig.faults("a").opening(Faults.Open.WORK);
        rig.environment.await(rig.array.serving());
        assertThat(rig.load(1)).isEqualTo("new");
        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.array.status().lastTid()).isEqualTo(missed);
    }
}
