package org.zeoraid.storage.journal;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.zeoraid.storage.StorageUnavailableException;

/**
 * Finds out what a journal says of which copies were seen. Pure.
 *
 * <ol>
 *   <li>The first folder's copy says which journal it is; without it those copies that have branches in doubt must agree.
 *   <li>Of that journal's copies the newest counts, wherever it lies: it has all that was ever acknowledged, unless it has been
 *       damaged or is not of the last.
 *   <li>Nothing counts if another copy tells of entries that were durable and are in none.
 *   <li>Without the first folder's copy, one that was not seen may be the newest.
 * </ol>
 */
final class JournalReading {

    /** What was seen in a folder. */
    sealed interface Look {

        Path folder();

        /** There is no such folder now. */
        record NoFolder(Path folder) implements Look {}

        /** No journal lies there. */
        record Nothing(Path folder) implements Look {}

        /** Its disk does not answer. */
        record Silent(Path folder) implements Look {}

        /** Something lies there that is no journal, or has become none. */
        record Unreadable(Path folder, String why) implements Look {}

        record Found(JournalFile.Copy copy) implements Look {
            @Override
            public Path folder() {
                return copy.folder();
            }
        }
    }

    /**
     * What is known.
     *
     * @param journal empty if there is none yet
     * @param last number of the last entry
     */
    record Result(Optional<UUID> journal, long last, List<JournalEntry> entries) {}

    private final String name;
    private final List<Look> looks;
    private final JournalOptions options;

    /** @param looks of all folders, the first one first */
    JournalReading(String name, List<Look> looks, JournalOptions options) {
        this.name = name;
        this.looks = looks;
        this.options = options;
    }

    /** @throws StorageUnavailableException if nobody can tell now */
    Result judge(PreparedJournal.Unseen unseen) {
        List<JournalFile.Copy> copies = copies();
        List<String> problems = problems();
        Look first = looks.get(0);
        if (first instanceof Look.Silent) {
            throw new StorageUnavailableException(
                    first.folder() + " hangs: whether transactions of " + name + " are prepared cannot be read there");
        }
        List<Path> missing = first instanceof Look.Found ? List.of() : unseen();
        if (!missing.isEmpty() && unseen == PreparedJournal.Unseen.MAY_HAVE_A_COPY) {
            throw new StorageUnavailableException("the journal of prepared transactions of " + name + " is not in "
                    + first.folder() + ", and there may be a copy in " + missing + ", which cannot be seen yet");
        }
        if (copies.isEmpty() && !problems.isEmpty()) {
            throw unreadable(problems);
        }
        Optional<UUID> journal = identity(copies);
        List<JournalFile.Copy> ours = copies.stream()
                .filter(copy -> journal.equals(Optional.of(copy.journal())))
                .toList();
        if (ours.isEmpty()) {
            return new Result(Optional.empty(), 0, List.of());
        }
        JournalFile.Copy newest = ours.stream()
                .reduce((one, other) -> other.last() > one.last() ? other : one)
                .orElseThrow();
        for (JournalFile.Copy copy : ours) {
            if (copy.reaches() > newest.last()) {
                throw unreadable(List.of("the one in " + copy.folder() + " is damaged behind its entry " + copy.last()
                        + ", and of what it had up to " + copy.reaches() + " no copy has more than "
                        + newest.last()));
            }
            if (copy.reaches() > copy.last()) {
                problems.add("the one in " + copy.folder() + " is damaged behind its entry " + copy.last());
            }
        }
        problems.forEach(problem -> options.witness()
                .note(
                        Level.WARNING,
                        "a copy of the journal of prepared transactions cannot be read; another one is used: "
                                + problem));
        return new Result(journal, newest.last(), newest.entries());
    }

    private List<JournalFile.Copy> copies() {
        List<JournalFile.Copy> copies = new ArrayList<>();
        for (Look look : looks) {
            if (look instanceof Look.Found found) {
                copies.add(found.copy());
            }
        }
        return copies;
    }

    private List<String> problems() {
        List<String> problems = new ArrayList<>();
        for (Look look : looks) {
            if (look instanceof Look.Unreadable unreadable) {
                problems.add(unreadable.why());
            }
        }
        return problems;
    }

    /** The folders of which nobody knows whether a copy lies in them. */
    private List<Path> unseen() {
        return looks.stream()
                .skip(1)
                .filter(look -> look instanceof Look.NoFolder || look instanceof Look.Silent)
                .map(Look::folder)
                .toList();
    }

    private StorageUnavailableException unreadable(List<String> problems) {
        return new StorageUnavailableException("what the journal of prepared transactions of " + name
                + " says cannot be read: " + problems
                + ". Bring back its disk, or a copy of the file; moving the file and "
                + "its copies in the other folders away gives up the branches in it");
    }

    private Optional<UUID> identity(List<JournalFile.Copy> copies) {
        if (looks.get(0) instanceof Look.Found first) {
            return Optional.of(first.copy().journal());
        }
        Set<UUID> busy = new HashSet<>();
        for (JournalFile.Copy copy : copies) {
            if (!BranchBook.of(copy.entries()).inDoubt().isEmpty()) {
                busy.add(copy.journal());
            }
        }
        if (busy.size() > 1) {
            throw new StorageUnavailableException("the journal of prepared transactions of " + name + " is missing in "
                    + looks.get(0).folder() + ", and its copies are of different journals: "
                    + copies.stream().map(JournalFile.Copy::folder).toList()
                    + ". Bring the first back, or move the copies away that do not belong to this array");
        }
        return busy.stream()
                .findFirst()
                .or(() -> copies.stream().map(JournalFile.Copy::journal).findFirst());
    }
}
