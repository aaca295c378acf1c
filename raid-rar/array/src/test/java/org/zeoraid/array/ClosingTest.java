package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.Tid;

/**
 * Arrays that are closed while members keep them waiting. One that is being opened: whenever the open log comes, it is closed,
 * and its lock given up.
 */
class ClosingTest {

    private static void leavesNothingLocked(Duration sinceRelease, Consumer<ArrayRig> beginning) {
        ArrayRig rig = new ArrayRig(sinceRelease.toMillis() + 1, "a", "b");
        rig.membersAreLocked = true;
        beginning.accept(rig);

        rig.environment.advance(Duration.ofMillis(100));
        rig.faults("b").release();
        rig.environment.advance(sinceRelease);
        rig.environment.await(rig.array.closeAsync());
        rig.environment.advance(Duration.ofMinutes(1));

        assertThat(rig.locked())
                .as("closed " + sinceRelease + " after it answered")
                .isEmpty();
    }

    private static void recoveryThatHangs(ArrayRig rig) {
        rig.openServing();
        rig.environment.await(rig.array.disable("b"));
        rig.faults("b").opening(Faults.Open.HANG);
        rig.array.recover("b");
    }

    private static final List<Duration> MOMENTS =
            IntStream.range(0, 40).mapToObj(i -> Duration.ofNanos(i * 300_000L)).toList();

    @Test
    void whileTheArrayIsAssembled() {
        for (Duration moment : MOMENTS) {
            leavesNothingLocked(moment, rig -> {
                rig.faults("b").opening(Faults.Open.HANG);
                rig.open();
            });
        }
    }

    @Test
    void whileAWaitingArrayIsReloaded() {
        for (Duration moment : MOMENTS) {
            ArrayRig rig = new ArrayRig(moment.toMillis() + 1, "a", "b");
            rig.membersAreLocked = true;
            rig.openServing();
            rig.environment.await(rig.array.disable("a"));
            rig.commit(1, "x");
            rig.close();
            rig.faults("b").opening(Faults.Open.UNAVAILABLE); // and a is not enough
            rig.open();
            rig.environment.advance(Duration.ofMillis(100));

            rig.array.reload();
            if (!moment.isZero()) {
                rig.environment.advance(moment);
            }
            rig.environment.await(rig.array.closeAsync());
            rig.environment.advance(Duration.ofMinutes(1));

            assertThat(rig.locked())
                    .as("closed " + moment + " after the reload")
                    .isEmpty();
        }
    }

    @Test
    void whileAMemberIsTakenBack() {
        for (Duration moment : MOMENTS) {
            leavesNothingLocked(moment, ClosingTest::recoveryThatHangs);
        }
    }

    @Test
    void whenTheMemberAnswersLongAfter() {
        List<Consumer<ArrayRig>> beginnings = List.of(
                rig -> {
                    rig.faults("b").opening(Faults.Open.HANG);
                    rig.open();
                },
                ClosingTest::recoveryThatHangs);
        for (Consumer<ArrayRig> beginning : beginnings) {
            ArrayRig rig = new ArrayRig(1, "a", "b");
            rig.membersAreLocked = true;
            beginning.accept(rig);
            rig.environment.advance(Duration.ofMillis(100));

            rig.environment.await(rig.array.closeAsync());
            rig.faults("b").release();
            rig.environment.advance(Duration.ofMinutes(1));

            assertThat(rig.locked()).isEmpty();
        }
    }

    @Test
    void whenAnotherMemberHangsInBeingClosedMeanwhile() {
        ArrayRig rig = new ArrayRig(1, "a", "b");
        rig.membersAreLocked = true;
        recoveryThatHangs(rig);
        rig.stalls.hang("member-main-a");

        CompletionStage<Void> closed = rig.array.closeAsync();
        rig.environment.advance(Duration.ofSeconds(5));
        rig.faults("b").release();
        rig.environment.await(closed);
        rig.stalls.goOn("member-main-a");
        rig.environment.advance(Duration.ofMinutes(1));

        assertThat(rig.locked()).isEmpty();
    }

    @Test
    void whoWaitsForACommitThatNoMemberAnswersIsToldThatItsOutcomeIsUnknown() {
        ArrayRig rig = new ArrayRig(1, "a", "b");
        rig.openServing();
        rig.faults("a").appends(Faults.Append.HANG_DONE);
        rig.faults("b").appends(Faults.Append.HANG);
        List<CompletableFuture<Tid>> commits = Stream.of(1, 2)
                .map(number -> rig.commitLater(number, "x").toCompletableFuture())
                .toList();
        rig.environment.advance(Duration.ofSeconds(1));

        rig.environment.await(rig.array.closeAsync());

        for (CompletableFuture<Tid> commit : commits) {
            assertThat(Rig.failure(commit)).isInstanceOf(OutcomeUnknownException.class);
        }
    }
}
