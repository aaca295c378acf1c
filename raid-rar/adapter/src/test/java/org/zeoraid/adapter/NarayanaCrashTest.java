package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An array and a file in transactions of Narayana, in a process that is halted and started again: both sides agree each time, and
 * nothing stays in doubt. It is halted at every point that it passes; {@code -Dxa.halts=N} adds N halts at random points, which
 * {@code -Dxa.seed} repeats. The profile {@code long} has a thousand of them.
 */
class NarayanaCrashTest {
    private static final List<String> ALWAYS = List.of(
            "after prepare of array",
            "before the sync of raid.prepared.new",
            "before commit of array",
            "after commit of array",
            "after prepare of file",
            "after commit of file");

    @TempDir
    Path folder;

    private HaltedRuns runs;

    @BeforeEach
    void open() {
        runs = new HaltedRuns(folder, HaltingProcess.class);
    }

    @Test
    void bothSidesAgreeWhereverTheProcessIsHalted() throws Exception {
        // The first one passes all points, and leaves their names.
        assertThat(runs.run("none", 0)).as(runs.output()).isEqualTo(HaltingProcess.AGREED);
        List<String> passed = Files.readAllLines(folder.resolve("points"));
        assertThat(passed).containsAll(ALWAYS);
        for (String point : passed.stream().distinct().toList()) {
            // Some points are passed less often than that, once the journal has been laid down.
            assertThat(runs.run(point, 2))
                    .as(point + runs.output())
                    .isIn(
                            HaltingProcess.HALTED,
                            ALWAYS.contains(point) ? HaltingProcess.HALTED : HaltingProcess.AGREED);
        }
        SplittableRandom random = new SplittableRandom(Long.getLong("xa.seed", 1));
        for (int halts = Integer.getInteger("xa.halts", 0); halts > 0; ) {
            int point = 1 + random.nextInt(120);
            int exit = runs.run(HaltingPoints.ANY, point);
            assertThat(exit)
                    .as(halts + " halts before the last, at point " + point + runs.output())
                    .isIn(HaltingProcess.HALTED, HaltingProcess.AGREED);
            // A run that came to its end before is none.
            halts -= exit == HaltingProcess.HALTED ? 1 : 0;
        }
        assertThat(runs.run("none", 0)).as("the last start" + runs.output()).isEqualTo(HaltingProcess.AGREED);
    }
}
