package org.zeoraid.storage.journal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.seam.Disk;

/** Finds out which of a journal's copies is the newest, and what it says. Changes nothing. */
final class JournalReading {

    private final String name;
    private final Disk disk;
    private final JournalOptions options;
    private final List<JournalFile.Copy> copies = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    JournalReading(String name, Disk disk, JournalOptions options) {
        this.name = name;
        this.disk = disk;
        this.options = options;
    }

    /**
     * What is known of each branch.
     *
     * @param generation the highest that any copy has
     * @param equals folders whose copies say the same as the one that was read
     */
    record Result(
            Optional<UUID> journal,
            long generation,
            Map<BranchId, JournalEntry.Prepared> prepared,
            Map<BranchId, JournalEntry.Ended> ended,
            List<Path> equals) {}

    /** @throws StorageUnavailableException if there is something and nobody can tell what it says */
    Result read() {
        Path first = options.folders().get(0);
        look(first);
        if (!problems.isEmpty()
                || copies.isEmpty() && options.first() == JournalOptions.First.MAY_BE_LOST
                || copies.stream().anyMatch(copy -> copy.end() == JournalFile.End.REMAINS)) {
            options.folders().stream().skip(1).forEach(this::look);
        }
        if (copies.isEmpty() && !problems.isEmpty()) {
            throw new StorageUnavailableException("what the journal of prepared transactions of " + name
                    + " says cannot be read: " + problems
                    + ". Bring back its disk, or a copy of the file; moving the file and "
                    + "its copies in the other folders away gives up the branches in it");
        }
        problems.forEach(problem -> options.witness()
                .note(
                        Level.WARNING,
                        "a copy of the journal of prepared transactions cannot be read; another one is used: "
                                + problem));
        Optional<UUID> journal = identity();
        Optional<JournalFile.Copy> newest = Optional.empty();
        for (JournalFile.Copy copy : copies) {
            if (copy.journal().equals(journal.orElseThrow()) && (newest.isEmpty() || copy.isNewerThan(newest.get()))) {
                newest = Optional.of(copy);
            }
        }
        Map<BranchId, JournalEntry.Prepared> prepared = new LinkedHashMap<>();
        Map<BranchId, JournalEntry.Ended> ended = new LinkedHashMap<>();
        newest.ifPresent(copy -> replay(copy, prepared, ended));
        List<Path> equals = newest.stream()
                .flatMap(best -> copies.stream().filter(best::isEqualTo))
                .map(JournalFile.Copy::folder)
                .toList();
        long generation =
                copies.stream().mapToLong(JournalFile.Copy::generation).max().orElse(0);
        return new Result(journal, generation, prepared, ended, equals);
    }

    /** The first folder's copy says which journal it is; without it all others must agree. */
    private Optional<UUID> identity() {
        Path first = options.folders().get(0);
        for (JournalFile.Copy copy : copies) {
            if (copy.folder().equals(first)) {
                return Optional.of(copy.journal());
            }
        }
        Set<UUID> busy = new HashSet<>();
        for (JournalFile.Copy copy : copies) {
            if (!inDoubt(copy).isEmpty()) {
                busy.add(copy.journal());
            }
        }
        if (busy.size() > 1) {
            throw new StorageUnavailableException("the journal of prepared transactions of " + name + " is missing in "
                    + first + ", and its copies are of different journals: "
                    + copies.stream().map(JournalFile.Copy::folder).toList()
                    + ". Bring the first back, or move the copies away that do not belong to this array");
        }
        return busy.stream()
                .findFirst()
                .or(() -> copies.stream().map(JournalFile.Copy::journal).findFirst());
    }

    private void look(Path folder) {
        try {
            JournalFile.read(disk, folder).ifPresent(copies::add);
        } catch (IOException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
    }

    /** Whether a copy has branches in doubt. */
    static boolean hasBranches(JournalFile.Copy copy) {
        return !inDoubt(copy).isEmpty();
    }

    private static Map<BranchId, JournalEntry.Prepared> inDoubt(JournalFile.Copy copy) {
        Map<BranchId, JournalEntry.Prepared> prepared = new LinkedHashMap<>();
        replay(copy, prepared, new LinkedHashMap<>());
        return prepared;
    }

    private static void replay(
            JournalFile.Copy copy,
            Map<BranchId, JournalEntry.Prepared> prepared,
            Map<BranchId, JournalEntry.Ended> ended) {
        for (JournalEntry entry : copy.entries()) {
            if (entry instanceof JournalEntry.Prepared now) {
                prepared.put(entry.id(), now);
                ended.remove(entry.id());
            } else {
                prepared.remove(entry.id());
                ended.remove(entry.id());
                if (entry instanceof JournalEntry.Ended now) {
                    ended.put(entry.id(), now);
                }
            }
        }
    }
}
