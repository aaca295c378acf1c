package org.zeoraid.storage.journal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Where a journal lies and how it works.
 *
 * @param folders each gets a copy. What is not in the first does not hold; the others are there for the day on which it is lost
 *     or damaged. A folder that is not there gets no copy until it is
 * @param room bytes that a copy's file is laid down with, so that appending need not make it longer
 * @param inline transactions with more data than this many bytes, or with blobs, lie in a file of their own
 * @param patience how long a copy may get nowhere before the others go on without it
 * @param remembered how many ends of branches are remembered
 * @param witness told what an admin should know
 */
public record JournalOptions(
        List<Path> folders, int room, int inline, Duration patience, int remembered, Witness witness) {

    /** Told of copies that are lost and come back. Must not block. */
    public interface Witness {
        void note(System.Logger.Level level, String text);
    }

    public JournalOptions {
        folders = List.copyOf(folders);
    }

    /** 1 MiB of room, 64 KiB in line, 10 s of patience, 1,000 ends. */
    public static JournalOptions in(List<Path> folders, Witness witness) {
        return new JournalOptions(folders, 1 << 20, 1 << 16, Duration.ofSeconds(10), 1000, witness);
    }

    /** The same in other folders. */
    public JournalOptions withFolders(List<Path> others) {
        return new JournalOptions(others, room, inline, patience, remembered, witness);
    }

    public JournalOptions withRoom(int bytes) {
        return new JournalOptions(folders, bytes, inline, patience, remembered, witness);
    }

    public JournalOptions withInline(int bytes) {
        return new JournalOptions(folders, room, bytes, patience, remembered, witness);
    }

    public JournalOptions withRemembered(int ends) {
        return new JournalOptions(folders, room, inline, patience, ends, witness);
    }
}
