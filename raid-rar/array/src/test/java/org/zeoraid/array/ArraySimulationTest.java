package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Lives of whole arrays, invented by seeds. {@code -Darray.simulation.seeds=N} runs N of them, {@code
 * -Darray.simulation.first=S} begins with seed S.
 */
class ArraySimulationTest {

    private static final int STEPS = 150;

    @Test
    void whateverHappensNothingAcknowledgedIsLostAndNothingOldIsServed() {
        long first = Long.getLong("array.simulation.first", 1);
        long seeds = Long.getLong("array.simulation.seeds", 60);
        long[] acknowledged = {0};
        long[] branches = {0};
        LongStream.range(first, first + seeds).forEach(seed -> {
            ArraySimulation simulation = new ArraySimulation(seed);
            try {
                simulation.live(STEPS);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + simulation.story(), e);
            }
            acknowledged[0] += simulation.acknowledged();
            branches[0] += simulation.branches();
        });
        assertThat(acknowledged[0]).isGreaterThan(seeds * 20);
        assertThat(branches[0]).isGreaterThan(seeds);
    }
}
