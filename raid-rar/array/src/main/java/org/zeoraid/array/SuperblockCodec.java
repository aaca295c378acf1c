package org.zeoraid.array;

import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.MemberState;

/**
 * The bytes of a superblock. A file holds two slots of {@value #SLOT} bytes; each has, numbers big-endian:
 *
 * <pre>
 *  0  8  magic, the letters ZEORAIDS
 *  8  4  CRC-32C of everything from byte 12 to the end of the content
 * 12  2  version of the layout, 2
 * 14  2  reserved, 0
 * 16  4  length of the content that follows from byte 20 on
 * 20  8  sequence: counts the writes of this file; of two whole slots the one with the greater is the newer
 * 28 16  array id
 * 44 16  id of the member beside which this copy lies; zero in the state directory
 * 60  8  generation
 * 68  8  last tid
 * 76  8  settled tid
 * 84  8  tid floor
 * 92  8  pack tid, 0 if there never was a pack
 *100  1  garbage of that pack: 0 kept, 1 collected
 *101  1  1 after a stop in order, else 0
 *102  8  last transaction whose references counted in that pack, the greatest tid while that is not decided
 *110  2+n why writing is stopped: length, UTF-8
 *  .  2  number of members, then each:
 *     16  member id
 *      1  state: 1 optimal, 2 recovering, 3 degraded, 4 disabled, 5 diverged, 6 waiting
 *      1  flags: 1 owes the pack, 2 recovery paused, 4 recovery is a rebuild, 8 was taken out for what it holds,
 *         16 could only not be reached
 *      8  since, milliseconds since 1970
 *      8  first missed tid
 *      8  last tid
 *      8  bound of a recovery, bytes a second
 *      2+n name, 2+n location, 2+n reason: length, UTF-8
 * </pre>
 *
 * The rest of a slot means nothing. A reader refuses a version that it does not know; it never guesses.
 */
final class SuperblockCodec {

    static final int SLOT = 32 * 1024;

    private static final long MAGIC = 0x5A454F5241494453L;
    private static final short VERSION = 2;
    private static final int CHECKSUMMED_FROM = 12;
    private static final int CONTENT_FROM = 20;
    private static final int LONGEST_REASON = 400;
    private static final int LONGEST_NAME = 1000;

    private static final int OWES_PACK = 1;
    private static final int PAUSED = 2;
    private static final int REBUILD = 4;
    private static final int DISTRUSTED = 8;
    private static final int AWAY = 16;

    private SuperblockCodec() {}

    /** A superblock as it lay in a slot. */
    record Slot(long sequence, UUID owner, Superblock superblock) {}

    /** Reasons are cut to what a slot can hold. */
    static ByteBuffer encode(Slot slot) {
        ByteBuffer buffer = ByteBuffer.allocate(SLOT);
        Superblock block = slot.superblock();
        buffer.position(CONTENT_FROM);
        buffer.putLong(slot.sequence());
        putId(buffer, block.arrayId());
        putId(buffer, slot.owner());
        buffer.putLong(block.generation());
        buffer.putLong(block.marks().last().value());
        buffer.putLong(block.marks().settled().value());
        buffer.putLong(block.marks().floor().value());
        buffer.putLong(block.pack().map(p -> p.upTo().value()).orElse(0L));
        boolean collects = block.pack()
                .map(p -> p.garbage() == PackRequest.Garbage.COLLECT)
                .orElse(false);
        buffer.put((byte) (collects ? 1 : 0));
        buffer.put((byte) (block.marks().clean() ? 1 : 0));
        buffer.putLong(block.pack().map(PackRequest::laterUpTo).orElse(Tid.MAX).value());
        putText(buffer, block.stopped(), LONGEST_REASON);
        buffer.putShort((short) block.members().size());
        try {
            block.members().forEach(entry -> putEntry(buffer, entry));
        } catch (BufferOverflowException e) {
            throw new IllegalArgumentException(
                    "a superblock has no room for " + block.members().size() + " members", e);
        }
        int end = buffer.position();
        buffer.putLong(0, MAGIC);
        buffer.putShort(12, VERSION);
        buffer.putShort(14, (short) 0);
        buffer.putInt(16, end - CONTENT_FROM);
        buffer.putInt(8, checksum(buffer, end));
        return buffer.position(0).limit(end);
    }

    /**
     * Reads a slot.
     *
     * @return empty if it was never written, or torn
     * @throws UnknownVersionException if it is whole and of another version
     */
    static Optional<Slot> decode(ByteBuffer slot) {
        ByteBuffer buffer = slot.duplicate();
        int available = buffer.remaining();
        if (available < CONTENT_FROM || buffer.getLong(0) != MAGIC) {
            return Optional.empty();
        }
        int length = buffer.getInt(16);
        if (length < 0 || length > available - CONTENT_FROM) {
            return Optional.empty();
        }
        int end = CONTENT_FROM + length;
        if (buffer.getInt(8) != checksum(buffer, end)) {
            return Optional.empty();
        }
        short version = buffer.getShort(12);
        if (version != VERSION) {
            throw new UnknownVersionException(version);
        }
        buffer.position(CONTENT_FROM).limit(end);
        try {
            return Optional.of(read(buffer));
        } catch (BufferUnderflowException | IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The file was written by another version of this software. */
    static final class UnknownVersionException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        UnknownVersionException(int version) {
            super("its layout has version " + version + ", and only version " + VERSION + " is known here");
        }
    }

    private static Slot read(ByteBuffer buffer) {
        long sequence = buffer.getLong();
        UUID array = readId(buffer);
        UUID owner = readId(buffer);
        long generation = buffer.getLong();
        Tid last = readTid(buffer);
        Tid settled = readTid(buffer);
        Tid floor = readTid(buffer);
        Tid packTid = readTid(buffer);
        PackRequest.Garbage garbage = buffer.get() == 1 ? PackRequest.Garbage.COLLECT : PackRequest.Garbage.KEEP;
        boolean clean = buffer.get() == 1;
        Tid laterUpTo = readTid(buffer);
        String stopped = readText(buffer);
        int count = buffer.getShort();
        List<Superblock.Entry> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            members.add(readEntry(buffer));
        }
        Optional<PackRequest> pack =
                packTid.equals(Tid.NONE) ? Optional.empty() : Optional.of(new PackRequest(packTid, garbage, laterUpTo));
        Superblock.Marks marks = new Superblock.Marks(last, settled, floor, clean);
        return new Slot(sequence, owner, new Superblock(array, generation, marks, pack, stopped, members));
    }

    private static void putEntry(ByteBuffer buffer, Superblock.Entry entry) {
        putId(buffer, entry.id());
        buffer.put(number(entry.state()));
        int flags = (entry.owesPack() ? OWES_PACK : 0)
                | (entry.recovery().paused() ? PAUSED : 0)
                | (entry.recovery().rebuild() ? REBUILD : 0)
                | (entry.recovery().distrusted() ? DISTRUSTED : 0)
                | (entry.recovery().away() ? AWAY : 0);
        buffer.put((byte) flags);
        buffer.putLong(entry.since().toEpochMilli());
        buffer.putLong(entry.firstMissed().value());
        buffer.putLong(entry.last().value());
        buffer.putLong(entry.recovery().bytesPerSecond());
        putText(buffer, entry.name(), LONGEST_NAME);
        putText(buffer, entry.location(), LONGEST_NAME);
        putText(buffer, entry.reason(), LONGEST_REASON);
    }

    private static Superblock.Entry readEntry(ByteBuffer buffer) {
        UUID id = readId(buffer);
        MemberState state = state(buffer.get());
        int flags = buffer.get();
        Instant since = Instant.ofEpochMilli(buffer.getLong());
        Tid firstMissed = readTid(buffer);
        Tid last = readTid(buffer);
        Superblock.RecoveryNote recovery = new Superblock.RecoveryNote(
                (flags & PAUSED) != 0,
                (flags & REBUILD) != 0,
                buffer.getLong(),
                (flags & DISTRUSTED) != 0,
                (flags & AWAY) != 0);
        String name = readText(buffer);
        String location = readText(buffer);
        String reason = readText(buffer);
        return new Superblock.Entry(
                id, name, location, state, reason, since, firstMissed, last, (flags & OWES_PACK) != 0, recovery);
    }

    private static byte number(MemberState state) {
        return switch (state) {
            case OPTIMAL -> 1;
            case RECOVERING -> 2;
            case DEGRADED -> 3;
            case DISABLED -> 4;
            case DIVERGED -> 5;
            case WAITING -> 6;
        };
    }

    private static MemberState state(byte number) {
        return switch (number) {
            case 1 -> MemberState.OPTIMAL;
            case 2 -> MemberState.RECOVERING;
            case 3 -> MemberState.DEGRADED;
            case 4 -> MemberState.DISABLED;
            case 5 -> MemberState.DIVERGED;
            case 6 -> MemberState.WAITING;
            default -> throw new IllegalArgumentException("no member state has the number " + number);
        };
    }

    private static int checksum(ByteBuffer buffer, int end) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().position(CHECKSUMMED_FROM).limit(end));
        return (int) crc.getValue();
    }

    private static void putId(ByteBuffer buffer, UUID id) {
        buffer.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }

    private static UUID readId(ByteBuffer buffer) {
        long high = buffer.getLong();
        return new UUID(high, buffer.getLong());
    }

    private static Tid readTid(ByteBuffer buffer) {
        return new Tid(buffer.getLong());
    }

    private static void putText(ByteBuffer buffer, String text, int longest) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, longest);
        while (length < bytes.length && length > 0 && (bytes[length] & 0xC0) == 0x80) {
            length--; // not within a character
        }
        buffer.putShort((short) length).put(bytes, 0, length);
    }

    private static String readText(ByteBuffer buffer) {
        byte[] bytes = new byte[Short.toUnsignedInt(buffer.getShort())];
        buffer.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
