package org.zeoraid.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;

/**
 * The format of a journal's file, big-endian: a head of {@value #HEAD} bytes ({@code ZEORaidP}, version (4), id of the journal
 * (16), number of the last entry when the file was laid down (8), how many entries say what was known then (4), CRC-32C of these
 * (4)), then entries: length of the content (4), CRC-32C of the rest (4), number (8), number of the last entry that was durable in
 * this file when this one was written (8), content. Those of the beginning all bear the number in the head; those that follow
 * count on from there. What follows the last whole entry counts as room.
 *
 * <p>Entries have the same numbers in all copies, so of two copies that one is newer that goes further. Several entries may have
 * been on their way when the machine stopped, and any of them may be whole; but one that says that entries before it were durable,
 * where they cannot be read, tells of damage.
 */
final class JournalFile {

    static final String NAME = "raid.prepared";
    static final int HEAD = 64;
    static final int ENTRY_HEAD = 4 + 4 + 8 + 8;

    private static final Pattern CHANGES = Pattern.compile("raid\\.prepared-(\\d{1,18})\\.branch(\\.new)?");
    private static final long MAGIC = 0x5A454F5261696450L;
    private static final int VERSION = 1;
    private static final int HEADED = 8 + 4 + 16 + 8 + 4;

    private JournalFile() {}

    /**
     * What a copy says.
     *
     * @param last number of its last whole entry
     * @param reaches number of the last entry that is known to have been durable in it; beyond {@code last} if it is damaged
     */
    record Copy(Path folder, UUID journal, long last, long reaches, List<JournalEntry> entries) {}

    /** @param count how many entries follow that say what is known up to this number */
    static ByteBuffer head(UUID journal, long number, int count) {
        ByteBuffer head = ByteBuffer.allocate(HEAD)
                .putLong(MAGIC)
                .putInt(VERSION)
                .putLong(journal.getMostSignificantBits())
                .putLong(journal.getLeastSignificantBits())
                .putLong(number)
                .putInt(count);
        return head.putInt(headChecksum(head)).clear();
    }

    private static int headChecksum(ByteBuffer head) {
        CRC32C crc = new CRC32C();
        crc.update(head.array(), 0, HEADED);
        return (int) crc.getValue();
    }

    /** Adds an entry as it stands in the file. */
    static void put(ByteBuffer target, long number, long durable, byte[] content) {
        target.putInt(content.length)
                .putInt(checksum(number, durable, content))
                .putLong(number)
                .putLong(durable)
                .put(content);
    }

    private static int checksum(long number, long durable, byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(16).putLong(number).putLong(durable).flip());
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
        long number = bytes.getLong(28);
        int count = bytes.getInt(36);
        bytes.position(HEAD);
        List<JournalEntry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Optional<Entry> entry = entry(bytes).filter(found -> found.number() == number);
            if (entry.isEmpty()) {
                // All this was durable before the file had its name.
                throw new IOException(path + " is damaged at " + bytes.position());
            }
            entries.add(JournalEntry.decode(entry.get().content()));
        }
        long last = number;
        while (true) {
            int at = bytes.position();
            Optional<Entry> entry = entry(bytes);
            if (entry.isEmpty() || entry.get().number() != last + 1) {
                bytes.position(at);
                return Optional.of(new Copy(folder, journal, last, reaches(bytes, last), entries));
            }
            last++;
            entries.add(JournalEntry.decode(entry.get().content()));
        }
    }

    private record Entry(long number, long durable, byte[] content) {}

    /** The entry that begins here, if one does; the next one begins where the buffer is then. */
    private static Optional<Entry> entry(ByteBuffer bytes) {
        int at = bytes.position();
        if (bytes.remaining() <= ENTRY_HEAD) {
            return Optional.empty();
        }
        int length = bytes.getInt(at);
        if (length <= 0 || length > bytes.remaining() - ENTRY_HEAD) {
            return Optional.empty();
        }
        long number = bytes.getLong(at + 8);
        long durable = bytes.getLong(at + 16);
        byte[] content = new byte[length];
        bytes.get(at + ENTRY_HEAD, content);
        if (bytes.getInt(at + 4) != checksum(number, durable, content)) {
            return Optional.empty();
        }
        bytes.position(at + ENTRY_HEAD + length);
        return Optional.of(new Entry(number, durable, content));
    }

    /** Looks behind what cannot be read for an entry that says what was durable before it. */
    private static long reaches(ByteBuffer bytes, long last) {
        long reaches = last;
        while (bytes.remaining() > ENTRY_HEAD) {
            int at = bytes.position();
            long number = bytes.getLong(at + 8);
            // Room is nothing but zeros; and of other bytes few look like the number of an entry that may follow.
            boolean mayBeEntry = number > last && number - last <= bytes.limit();
            Optional<Entry> entry = mayBeEntry ? entry(bytes) : Optional.empty();
            if (entry.isPresent()) {
                reaches = Math.max(reaches, entry.get().durable());
            } else {
                bytes.position(at + 1);
            }
        }
        return reaches;
    }

    /** Where the changes of a large branch lie. */
    static Path changes(Path folder, long number) {
        return folder.resolve(NAME + "-" + number + ".branch");
    }

    /** Where a copy of them lies until it is whole. */
    static Path copied(Path folder, long number) {
        return folder.resolve(NAME + "-" + number + ".branch.new");
    }

    /** The number in the name of a file with changes; empty for any other file. */
    static Optional<Long> number(String name) {
        Matcher matcher = CHANGES.matcher(name);
        return matcher.matches() ? Optional.of(Long.parseLong(matcher.group(1))) : Optional.empty();
    }
}
