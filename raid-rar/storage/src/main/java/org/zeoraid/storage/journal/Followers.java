package org.zeoraid.storage.journal;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** The copies of a journal, of which the first counts. Guarded by the journal. */
record Followers(List<Follower> all) {

    Followers {
        all = List.copyOf(all);
    }

    Follower first() {
        return all.get(0);
    }

    List<Path> folders() {
        return all.stream().map(follower -> follower.copy().folder()).toList();
    }

    /** The same in other folders; those that stay keep what they have. */
    Followers in(List<Path> folders, Function<Path, Follower> fresh) {
        return new Followers(folders.stream()
                .map(folder -> all.stream()
                        .filter(known -> known.copy().folder().equals(folder))
                        .findFirst()
                        .orElseGet(() -> fresh.apply(folder)))
                .toList());
    }

    /** Whether it protects from the loss of a disk from which none before it does. */
    boolean isEager(Follower follower) {
        for (Follower other : all) {
            if (other == follower) {
                return true;
            }
            if (other.follows() && other.copy().isBeside(follower.copy())) {
                return false;
            }
        }
        return true;
    }

    /** Up to which number the first copy has all, and one on another disk if one can be waited for. */
    long durable() {
        if (!first().follows()) {
            return 0;
        }
        boolean isOne = false;
        long elsewhere = 0;
        for (Follower follower : all) {
            if (follower != first() && follower.isHopeful() && !follower.copy().isBeside(first().copy())) {
                isOne = true;
                elsewhere = Math.max(elsewhere, follower.follows() ? follower.written() : 0);
            }
        }
        return isOne ? Math.min(first().written(), elsewhere) : first().written();
    }

    /** Up to which number none needs entries, nor files whose branch ended before. */
    long floor() {
        return all.stream().mapToLong(Follower::floor).min().orElse(0);
    }

    boolean isAnyBehind(long last) {
        return all.stream().anyMatch(follower -> follower.follows() && follower.attempted() < last);
    }

    /** Whether nothing can be hoped for any more: each has all up to this number, or is not waited for. */
    boolean areDone(long last) {
        return all.stream().allMatch(follower -> follower.isLost() || !follower.isWriting() && follower.hasAll(last));
    }

    /** Whether somebody has to look after them: one is at something, or lost. */
    boolean areToBeWatched() {
        return all.stream()
                .anyMatch(follower -> follower.isLost()
                        || follower.copy().entries().isBusy()
                        || follower.copy().large().isBusy());
    }
}
