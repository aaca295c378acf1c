package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayState;

/**
 * Servers that are restarted and networks that break, from a seed; nobody administers anything. {@code
 * -Dreturn.simulation.seeds=N} runs N of them.
 */
class ReturnSimulationTest {

    private static final int STEPS = 60;

    @Test
    void membersThatAreOnlyAwayComeBackWithoutAnAdminAndNothingAcknowledgedIsLost() {
        long[] acknowledged = {0};
        LongStream.rangeClosed(1, Long.getLong("return.simulation.seeds", 40)).forEach(seed -> {
            try {
                acknowledged[0] += live(seed);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        });
        assertThat(acknowledged[0]).isGreaterThan(200);
    }

    private static long live(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ArrayRig rig = new ArrayRig(seed, "a", "b", "c").remote();
        rig.openServing();
        // A member whose first transaction is not the array's waits for an admin: it may be another database.
        rig.commit(1, "first");
        List<CompletableFuture<Tid>> commits = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            act(rig, random, commits);
            rig.environment.advance(Duration.ofMillis(random.nextInt(random.nextInt(4) == 0 ? 30_000 : 300)));
        }
        rig.names.forEach(name -> rig.faults(name).release());
        rig.environment.advance(Duration.ofHours(1));
        assertThat(rig.array.status().state())
                .as("%s\n%s", rig.array.status(), rig.array.events(0, 5000))
                .isEqualTo(ArrayState.OPTIMAL);
        List<Tid> sure = commits.stream()
                .filter(commit -> commit.isDone() && !commit.isCompletedExceptionally())
                .map(CompletableFuture::join)
                .toList();
        Tid last = rig.commit(1, "goes on");
        assertThat(rig.tids("a")).containsAll(sure).endsWith(last);
        assertThat(rig.tids("b")).isEqualTo(rig.tids("a"));
        assertThat(rig.tids("c")).isEqualTo(rig.tids("a"));
        return sure.size();
    }

    private static void act(ArrayRig rig, SplittableRandom random, List<CompletableFuture<Tid>> commits) {
        Faults faults = rig.faults(rig.names.get(random.nextInt(rig.names.size())));
        switch (random.nextInt(12)) {
            case 0 -> faults.loseConnections();
            case 1 -> faults.opening(Faults.Open.UNAVAILABLE).loseConnections();
            case 2 -> faults.opening(Faults.Open.HANG).loseConnections();
            case 3 -> faults.appendOnce(random.nextBoolean() ? Faults.Append.UNKNOWN_DONE : Faults.Append.UNKNOWN_LOST);
            case 4, 5 -> faults.release();
            case 6 -> {
                if (random.nextInt(3) == 0) {
                    // Clients of a process that died are told nothing.
                    commits.removeIf(commit -> !commit.isDone());
                    rig.crash();
                    rig.open();
                }
            }
            default -> {
                try {
                    commits.add(rig.commitLater(1 + random.nextInt(5), "x").toCompletableFuture());
                } catch (StorageException e) {
                    assertThat(e).hasMessageContaining("array"); // refused before anything was begun
                }
            }
        }
    }
}
