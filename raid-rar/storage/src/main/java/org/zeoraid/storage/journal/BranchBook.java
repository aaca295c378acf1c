package org.zeoraid.storage.journal;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PreparedTransactions.Fate;

/** What all entries of a journal say together. Guarded by whoever has it. */
final class BranchBook {

    private final Map<BranchId, JournalEntry.Prepared> prepared = new LinkedHashMap<>();
    private final Map<BranchId, JournalEntry.Ended> ended = new LinkedHashMap<>();
    private final Map<Long, JournalEntry.Prepared> inFiles = new LinkedHashMap<>();

    static BranchBook of(List<JournalEntry> entries) {
        BranchBook book = new BranchBook();
        entries.forEach(book::apply);
        return book;
    }

    void apply(JournalEntry entry) {
        JournalEntry.Prepared before = prepared.remove(entry.id());
        if (before != null) {
            inFiles.remove(before.file());
        }
        ended.remove(entry.id());
        if (entry instanceof JournalEntry.Prepared now) {
            prepared.put(now.id(), now);
            if (now.file() != 0) {
                inFiles.put(now.file(), now);
            }
        } else if (entry instanceof JournalEntry.Ended now) {
            ended.put(now.id(), now);
        }
    }

    /** Forgets the oldest ends beyond this many. What an admin decided is kept until somebody forgets it. */
    void forgetBeyond(int remembered) {
        Iterator<JournalEntry.Ended> oldest = ended.values().iterator();
        while (ended.size() > remembered && oldest.hasNext()) {
            Fate fate = oldest.next().fate();
            if (fate == Fate.COMMITTED || fate == Fate.ROLLED_BACK) {
                oldest.remove();
            }
        }
    }

    /** What it says of a branch; that it is forgotten if it says nothing. */
    JournalEntry of(BranchId id) {
        return inDoubt(id)
                .<JournalEntry>map(entry -> entry)
                .or(() -> end(id))
                .orElseGet(() -> new JournalEntry.Forgotten(id));
    }

    Optional<JournalEntry.Prepared> inDoubt(BranchId id) {
        return Optional.ofNullable(prepared.get(id));
    }

    Optional<JournalEntry.Ended> end(BranchId id) {
        return Optional.ofNullable(ended.get(id));
    }

    /** In the order in which they were prepared. */
    List<JournalEntry.Prepared> inDoubt() {
        return List.copyOf(prepared.values());
    }

    /** Oldest first. */
    List<JournalEntry.Ended> ends() {
        return List.copyOf(ended.values());
    }

    /** Entries that say all that it says. */
    List<JournalEntry> entries() {
        List<JournalEntry> all = new ArrayList<>(ended.values());
        all.addAll(prepared.values());
        return all;
    }

    /** The branches whose changes lie in files of their own. */
    List<JournalEntry.Prepared> inFiles() {
        return List.copyOf(inFiles.values());
    }
}
