package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.admin.MemberState;

class MoveTest {

    /** The table as the documentation has it: where each move leads from, and to. */
    private static final Map<Move, String> TABLE = Map.of(
            Move.ASSEMBLED, "waiting > optimal",
            Move.FORCED, "degraded disabled diverged waiting > optimal",
            Move.FOUND_STALE, "waiting > degraded",
            Move.FAILED, "optimal recovering > degraded",
            Move.DIVERGED_HISTORY, "degraded recovering waiting > diverged",
            Move.TAKEN_OUT, "degraded diverged optimal recovering waiting > disabled",
            Move.RECOVERY, "degraded disabled waiting > recovering",
            Move.REBUILD, "degraded disabled diverged waiting > recovering",
            Move.RECOVERED, "recovering > optimal");

    @Test
    void theTableOfLegalMovesIsWhatTheDocumentationSays() {
        Map<Move, String> actual = new TreeMap<>();
        for (Move move : Move.values()) {
            Set<String> from = new TreeSet<>();
            for (MemberState state : MemberState.values()) {
                if (move.isLegalFrom(state)) {
                    from.add(state.word());
                }
            }
            actual.put(move, String.join(" ", from) + " > " + move.to().word());
        }

        assertThat(actual).isEqualTo(new TreeMap<>(TABLE));
    }

    @Test
    void noStaleMemberBecomesOptimalButByRecoveryOrByForce() {
        for (Move move : Move.values()) {
            if (move.to() == MemberState.OPTIMAL && move != Move.FORCED) {
                assertThat(move.isLegalFrom(MemberState.DEGRADED)).isFalse();
                assertThat(move.isLegalFrom(MemberState.DISABLED)).isFalse();
                assertThat(move.isLegalFrom(MemberState.DIVERGED)).isFalse();
            }
        }
    }
}
