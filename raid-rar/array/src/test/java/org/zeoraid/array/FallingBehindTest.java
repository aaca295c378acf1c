package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** Recoveries of a member that takes transactions little faster than they are committed, or more slowly. */
class FallingBehindTest {

    private static final int C = 2;
    private static final int BYTES = 3000;
    private static final Duration MILLISECOND = Duration.ofMillis(1);

    private final SimulatedEnvironment environment = new SimulatedEnvironment(3);
    private Function<CommittedTransaction, Duration> time = transaction -> Duration.ZERO;
    private Rig rig;
    private int committed = BYTES;
    private Duration longest = Duration.ZERO;

    @BeforeEach
    void oneIsRecovered() {
        areRecovered(List.of("c"));
    }

    private void areRecovered(List<String> members) {
        rig = new Rig(
                environment,
                List.of("a", "b", "c"),
                members,
                source -> members.contains(source.name())
                        ? Otherwise.member(
                                source, log -> Otherwise.slow(log, environment, transaction -> time.apply(transaction)))
                        : source);
    }

    private void takesEach(Duration each) {
        time = transaction -> each;
    }

    private void missed(int transactions, int bytes) {
        for (int i = 0; i < transactions; i++) {
            rig.commit(i % 100 + "=" + "v".repeat(bytes));
        }
    }

    private CompletableFuture<Void> recovery(int member) {
        return Resync.create(
                        environment,
                        Rig.OPTIONS,
                        rig.log,
                        rig.keeper,
                        rig.members.get(member),
                        Superblock.RecoveryNote.NONE)
                .start()
                .toCompletableFuture();
    }

    /** Recovers it while clients commit, each again so long after its last commit; gives the time that it took. */
    private Duration recovers(int clients, Duration pause) {
        return recovers(recovery(C), clients, pause);
    }

    private Duration recovers(CompletableFuture<Void> recovered, int clients, Duration pause) {
        Duration begin = environment.elapsed();
        List<Client> all = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            all.add(new Client(pause));
        }
        while (!recovered.isDone() && environment.elapsed().minus(begin).compareTo(Duration.ofMinutes(10)) < 0) {
            all.forEach(Client::step);
            environment.advance(MILLISECOND);
        }
        Duration took = environment.elapsed().minus(begin);
        all.forEach(Client::end);
        return took;
    }

    private final class Client {
        private final Duration pause;
        private CompletableFuture<Void> commit = CompletableFuture.completedFuture(null);
        private Duration begin = environment.elapsed();
        private Duration next = begin;
        private boolean waits;

        Client(Duration pause) {
            this.pause = pause;
        }

        void step() {
            if (waits && commit.isDone()) {
                end();
                next = environment.elapsed().plus(pause);
            }
            if (!waits && environment.elapsed().compareTo(next) >= 0) {
                begin = environment.elapsed();
                commit = rig.commit("7=" + "n".repeat(committed));
                waits = true;
            }
        }

        void end() {
            environment.await(commit);
            Duration took = environment.elapsed().minus(begin);
            longest = waits && took.compareTo(longest) > 0 ? took : longest;
            waits = false;
        }
    }

    private void assertRecovered() {
        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.OPTIMAL);
        assertThat(rig.tids(C)).isEqualTo(rig.tids(0));
        Duration before = environment.elapsed();
        environment.await(rig.commit("1=last"));
        assertThat(environment.elapsed().minus(before))
                .as("commits go on as ever")
                .isLessThan(time.apply(Rig.transaction(rig.last())).plus(Duration.ofMillis(10)));
    }

    @Test
    void whereCommitsComeFasterThanItTakesThemTheyWaitInTurnUntilItIsBackInTwiceTheTimeThatCopyingTakes() {
        missed(1000, BYTES);
        takesEach(Duration.ofMillis(5));

        Duration took = recovers(4, Duration.ofMillis(5));

        assertRecovered();
        assertThat(took).isLessThan(Duration.ofSeconds(16));
        assertThat(longest).isLessThan(Duration.ofMillis(200));
    }

    @Test
    void twoAreBackInThatTimeToo() {
        areRecovered(List.of("b", "c"));
        missed(1000, BYTES);
        takesEach(Duration.ofMillis(5));

        Duration took = recovers(CompletableFuture.allOf(recovery(1), recovery(C)), 4, Duration.ofMillis(5));

        assertRecovered();
        assertThat(rig.keeper.state("b")).as(rig.keeper.reason("b")).isEqualTo(MemberState.OPTIMAL);
        assertThat(took).isLessThan(Duration.ofSeconds(16));
        assertThat(longest).isLessThan(Duration.ofMillis(500));
    }

    @Test
    void whereItHardlyTakesMoreThanComesItIsBackInThatTimeToo() {
        missed(1000, BYTES);
        takesEach(Duration.ofMillis(5));

        Duration took = recovers(1, Duration.ofMillis(6));

        assertRecovered();
        assertThat(took).isLessThan(Duration.ofSeconds(12));
        assertThat(longest).isLessThan(Duration.ofMillis(100));
    }

    @Test
    void nobodyWaitsForOneThatTakesMuchMoreThanComes() {
        missed(5000, BYTES);
        takesEach(MILLISECOND);

        recovers(1, Duration.ofMillis(10));

        assertRecovered();
        assertThat(longest).isLessThan(Duration.ofMillis(10));
    }

    @Test
    void nobodyWaitsWhileItGetsWhatIsLargeAndFew() {
        missed(200, 100_000);
        committed = 10;
        time = transaction -> Duration.ofMillis(1 + transaction.dataBytes() / 1000);

        Duration took = recovers(1, Duration.ofMillis(10));

        assertRecovered();
        assertThat(took).isGreaterThan(Duration.ofSeconds(20));
        assertThat(longest).isLessThan(Duration.ofMillis(10));
    }

    @Test
    void oneThatTakesAFewTransactionsInMoreThanItsDeadlineComesBackAsLongAsItAnswers() {
        missed(5, BYTES);
        takesEach(Duration.ofMillis(1500));

        recovers(8, Duration.ofSeconds(2));

        assertRecovered();
    }

    @Test
    void commitsThatWaitForOneThatTakesNothingAnyMoreGoOn() {
        missed(1000, BYTES);
        takesEach(Duration.ofMillis(5));
        rig.faults(C).appendsAfter(700, Faults.Append.HANG);

        recovers(4, MILLISECOND);

        assertThat(rig.keeper.state("c")).isEqualTo(MemberState.DEGRADED);
        assertThat(longest)
                .isBetween(
                        Rig.OPTIONS.answerDeadline(),
                        Rig.OPTIONS.answerDeadline().plus(Duration.ofMillis(300)));
    }
}
