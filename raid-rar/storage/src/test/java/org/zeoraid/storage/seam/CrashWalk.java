package org.zeoraid.storage.seam;

import java.util.function.Supplier;

/**
 * Runs a scenario again and again, crashing within its first step, its second, and so on until it gets through, and
 * looks at what each crash may leave.
 *
 * @param <T> what a run notes down for the check, such as the transactions that were acknowledged
 */
public final class CrashWalk<T> {

    /** What is done until the crash; it fails then in whatever way. */
    public interface Scenario<T> {
        void run(FaultDisk disk, T notes) throws Exception;
    }

    /** What must hold after any crash. */
    public interface Check<T> {
        void check(FaultDisk disk, T notes) throws Exception;
    }

    private final Supplier<FaultDisk> start;
    private final Supplier<T> notes;
    private final Scenario<T> scenario;

    /** @param start a fresh disk for each run, always the same */
    public CrashWalk(Supplier<FaultDisk> start, Supplier<T> notes, Scenario<T> scenario) {
        this.start = start;
        this.notes = notes;
        this.scenario = scenario;
    }

    /**
     * Walks.
     *
     * @param seeds how many outcomes are looked at for each crash: nothing unsynced survives, all does, then mixtures
     * @return how many steps the scenario has
     * @throws AssertionError naming the step and the seed, if the check fails, or if the scenario fails uncrashed
     */
    public long walk(int seeds, Check<T> check) {
        for (long step = 1; ; step++) {
            FaultDisk disk = start.get();
            long before = disk.steps();
            disk.crashAt(before + step);
            T noted = notes.get();
            try {
                scenario.run(disk, noted);
            } catch (Exception | Error e) {
                if (!disk.hasCrashed()) {
                    throw new AssertionError("the scenario fails by itself", e);
                }
            }
            boolean through = !disk.hasCrashed();
            for (long seed = 0; seed < seeds; seed++) {
                try {
                    check.check(disk.afterCrash(mix(step, seed)), noted);
                } catch (Exception | Error e) {
                    String last = disk.steps() == 0
                            ? "none"
                            : disk.journal().get((int) disk.steps() - 1).toString();
                    throw new AssertionError(
                            "after a crash within step " + step + " (" + last + "), seed " + mix(step, seed), e);
                }
            }
            if (through) {
                return step - 1;
            }
        }
    }

    private static long mix(long step, long seed) {
        return seed < 2 ? seed : step * 1_000_003 + seed;
    }
}
