package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bank with accounts in an array and in a file, eight clerks at once, in a process that is halted at random points, also while it
 * recovers, and started again. {@code -Dxa.halts=N} adds N halts, which {@code -Dxa.seed} repeats; the profile {@code long} has a
 * thousand of them.
 */
class NarayanaBankTest {
    private static final int HALTS = 5;
    /** More than a recovery, or all transfers, mostly pass. */
    private static final int EARLY = 60;

    private static final int LATE = 900;

    @TempDir
    Path folder;

    @Test
    void noMoneyComesOrGoesWhereverTheProcessIsHalted() throws Exception {
        HaltedRuns runs = new HaltedRuns(folder, BankProcess.class);
        SplittableRandom random = new SplittableRandom(Long.getLong("xa.seed", 1));
        for (int halts = HALTS + Integer.getInteger("xa.halts", 0); halts > 0; ) {
            boolean early = random.nextInt(4) == 0;
            int point = 1 + random.nextInt(early ? EARLY : LATE);
            int exit = runs.run(HaltingPoints.ANY, point, early ? "early" : "late");
            assertThat(exit)
                    .as(halts + " halts before the last, at point " + point + runs.output())
                    .isIn(HaltingProcess.HALTED, HaltingProcess.AGREED);
            // A run that came to its end before is none.
            halts -= exit == HaltingProcess.HALTED ? 1 : 0;
        }
        assertThat(runs.run("none", 0, "late"))
                .as("the last start" + runs.output())
                .isEqualTo(HaltingProcess.AGREED);
    }
}
