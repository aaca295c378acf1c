package org.zeoraid.ejb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.admin.MemberState;

class VerifyTest {

    private final ScriptedArrays arrays = new ScriptedArrays();
    private final VerifyRound round = new VerifyRound(arrays);

    @Test
    void membersAreVerifiedOneAtATime() {
        members(MemberState.OPTIMAL, MemberState.OPTIMAL, MemberState.OPTIMAL);

        round.start();
        assertThat(arrays.asked).containsExactly("verify a");
        arrays.answers.get(0).complete(null);
        assertThat(arrays.asked).containsExactly("verify a", "verify b");
        arrays.answers.get(1).completeExceptionally(new StorageUnavailableException("gone"));
        assertThat(arrays.asked).containsExactly("verify a", "verify b", "verify c");
        assertThat(round.isRunning()).isTrue();
        arrays.answers.get(2).complete(null);
        assertThat(round.isRunning()).isFalse();
    }

    @Test
    void whatIsNotOptimalWhenItsTurnComesIsLeftOut() {
        members(MemberState.OPTIMAL, MemberState.DEGRADED, MemberState.OPTIMAL);

        round.start();
        arrays.members.put("c", MemberState.RECOVERING);
        arrays.answers.get(0).complete(null);

        assertThat(arrays.asked).containsExactly("verify a");
        assertThat(round.isRunning()).isFalse();
    }

    @Test
    void aRoundThatIsGoingOnIsNotOvertaken() {
        members(MemberState.OPTIMAL);

        round.start();
        round.start();
        assertThat(arrays.asked).containsExactly("verify a");

        arrays.answers.get(0).complete(null);
        round.start();
        assertThat(arrays.asked).containsExactly("verify a", "verify a");
    }

    @Test
    void aServerThatStopsBeginsNoFurtherMember() {
        members(MemberState.OPTIMAL, MemberState.OPTIMAL);

        round.start();
        round.stop();
        arrays.answers.get(0).complete(null);

        assertThat(arrays.asked).containsExactly("verify a");
    }

    @Test
    void aRoundThatCannotBeginDoesNotKeepTheNextFromBeginning() {
        members(MemberState.OPTIMAL);
        arrays.failure = Optional.of(new StorageUnavailableException("the resource adapter is not running"));
        assertThatThrownBy(round::start).isInstanceOf(StorageUnavailableException.class);

        arrays.failure = Optional.empty();
        round.start();

        assertThat(arrays.asked).containsExactly("verify a");
    }

    @Test
    void theTimeIsADayAndAClock() {
        assertThat(VerifyTime.parse("Sun 02:30")).contains(new VerifyTime("Sun", 2, 30));
        assertThat(VerifyTime.parse(" DAILY  23:05 ")).contains(new VerifyTime("*", 23, 5));
        assertThat(VerifyTime.parse("off")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Sunday 02:30", "Sun 24:00", "Sun 2:60", "Sun", "02:30", "Sun 02:30 CET"})
    void aTimeThatIsNotUnderstoodIsRefused(String text) {
        assertThatThrownBy(() -> VerifyTime.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Sun 02:30");
    }

    private void members(MemberState... states) {
        for (int i = 0; i < states.length; i++) {
            arrays.members.put(String.valueOf((char) ('a' + i)), states[i]);
        }
    }
}
