package org.zeoraid.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;

/**
 * The format of a journal's file: a head of {@value #HEAD} bytes ({@code ZEORaidP}, version (4), id of the journal (16),
 * generation (8), CRC-32C of these (4)), then entries: length (4), CRC-32C of generation, number and content (4), number from 1 in
 * this file (8), content. What follows the last whole entry counts as room. A file that is laid down anew, with everything that
 * is still to be known, has the next generation; so of two copies that one is newer that has the higher generation, or in the
 * same generation more entries.
 */
final class JournalFile {

    static final String NAME = "raid.prepared";
    static final int HEAD = 64;

    private static final long MAGIC = 0x5A454F5261696450L;
    private static final int VERSION = 1;
    private static final int HEADED = 8 + 4 + 16 + 8;
    private static final int ENTRY_HEAD = 4 + 4 + 8;

    private JournalFile() {}

    /**
     * What a copy says.
     *
     * @param end what follows the last whole entry
     */
    record Copy(Path folder, UUID journal, long generation, List<JournalEntry> entries, End end) {

        boolean isNewerThan(Copy other) {
            return generation != other.generation
                    ? generation > other.generation
                    : entries.size() > other.entries.size();
        }

        boolean isEqualTo(Copy other) {
            return journal.equals(other.journal)
                    && generation == other.generation
                    && entries.size() == other.entries.size();
        }
    }

    /** What follows the last whole entry. */
    enum End {
        /** Nothing was written there. */
        ROOM,
        /** Something that was not acknowledged when the machine stopped, or that has been damaged since. */
        REMAINS
    }

    static ByteBuffer head(UUID journal, long generation) {
        ByteBuffer head = ByteBuffer.allocate(HEAD)
                .putLong(MAGIC)
                .putInt(VERSION)
                .putLong(journal.getMostSignificantBits())
                .putLong(journal.getLeastSignificantBits())
                .putLong(generation);
        return head.putInt(headChecksum(head)).clear();
    }

    private static int headChecksum(ByteBuffer head) {
        CRC32C crc = new CRC32C();
        crc.update(head.array(), 0, HEADED);
        return (int) crc.getValue();
    }

    /** An entry as it stands in the file. */
    static ByteBuffer entry(long generation, long number, byte[] content) {
        return ByteBuffer.allocate(ENTRY_HEAD + content.length)
                .putInt(content.length)
                .putInt(checksum(generation, number, content))
                .putLong(number)
                .put(content)
                .flip();
    }

    private static int checksum(long generation, long number, byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(16).putLong(generation).putLong(number).flip());
        crc.update(content);
        return (int) crc.getValue();
    }

    /**
     * Reads a folder's copy.
     *
     * @return empty if there is none
     * @throws IOException if there is one and it cannot be read
     */
    static Optional<Copy> read(Disk disk, Path folder) throws IOException {
        Path path = folder.resolve(NAME);
        if (!disk.exists(path)) {
            return Optional.empty();
        }
        ByteBuffer bytes;
        try (DiskFile file = disk.openForReading(path)) {
            bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
            file.read(bytes, 0);
        }
        bytes.flip();
        if (bytes.remaining() < HEAD || bytes.getLong(0) != MAGIC || bytes.getInt(HEADED) != headChecksum(bytes)) {
            throw new IOException(path + " does not begin as a journal of prepared transactions does");
        }
        if (bytes.getInt(8) != VERSION) {
            throw new IOException(path + " has version " + bytes.getInt(8) + ", and this software knows " + VERSION);
        }
        UUID journal = new UUID(bytes.getLong(12), bytes.getLong(20));
        long generation = bytes.getLong(28);
        List<JournalEntry> entries = entries(bytes.position(HEAD), generation);
        return Optional.of(new Copy(folder, journal, generation, entries, end(bytes)));
    }

    private static List<JournalEntry> entries(ByteBuffer bytes, long generation) throws IOException {
        List<JournalEntry> entries = new ArrayList<>();
        while (bytes.remaining() > ENTRY_HEAD) {
            bytes.mark();
            int length = bytes.getInt();
            int checksum = bytes.getInt();
            long number = bytes.getLong();
            if (length <= 0 || length > bytes.remaining() || number != entries.size() + 1L) {
                bytes.reset();
                break;
            }
            byte[] content = new byte[length];
            bytes.get(content);
            if (checksum != checksum(generation, number, content)) {
                bytes.reset();
                break;
            }
            entries.add(JournalEntry.decode(content));
        }
        return entries;
    }

    private static End end(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (bytes.get() != 0) {
                return End.REMAINS;
            }
        }
        return End.ROOM;
    }

    /** Where the changes of a large branch lie. */
    static Path changes(Path folder, long number) {
        return folder.resolve(NAME + "-" + number + ".branch");
    }

    /** The number in the name of a file with changes; empty for any other file. */
    static Optional<Long> number(String name) {
        return name.matches(NAME + "-\\d{1,18}\\.branch")
                ? Optional.of(Long.parseLong(name.substring(NAME.length() + 1, name.length() - ".branch".length())))
                : Optional.empty();
    }
}
