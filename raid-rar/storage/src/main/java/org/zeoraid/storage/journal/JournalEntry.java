package org.zeoraid.storage.journal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;

/**
 * What a journal says of a branch. As bytes, big-endian: kind (1), format (4), length and bytes of global and of qualifier (1
 * each for the length), time in milliseconds since 1970 (8), then
 *
 * <ul>
 *   <li>kind 1, prepared: last tid before it (8), user, description and extension (2 bytes of length each), number of objects
 *       read (4) and their oids (8 each), number of changes (4), bytes written (8), number of the file that holds the changes (8,
 *       0 if they follow here), length of the changes (8), the changes as {@link ChangeCodec} has them
 *   <li>kind 2, ended: how (1, the place in {@link #FATES}), tid (8), number of changes (4), bytes written (8)
 *   <li>kind 3, forgotten: nothing
 * </ul>
 */
sealed interface JournalEntry {

    BranchId id();

    /**
     * @param after the last transaction that could be seen when it was prepared: if it is in the log, then behind this one
     * @param reads objects on whose being current it relies
     * @param file the number of the file that holds its changes, 0 if they are here
     * @param length bytes of its changes there
     */
    record Prepared(
            BranchId id,
            Instant since,
            Tid after,
            TransactionMeta meta,
            List<Oid> reads,
            int changes,
            long bytes,
            long file,
            long length,
            byte[] content)
            implements JournalEntry {}

    /** @param tid of one that was committed */
    record Ended(BranchId id, Instant when, Fate fate, Tid tid, int changes, long bytes) implements JournalEntry {}

    record Forgotten(BranchId id) implements JournalEntry {}

    byte PREPARED = 1;
    byte ENDED = 2;
    byte FORGOTTEN = 3;

    /** The files know them by their places here. */
    List<Fate> FATES = List.of(
            Fate.IN_DOUBT, Fate.COMMITTED, Fate.ROLLED_BACK, Fate.COMMITTED_BY_ADMIN, Fate.ROLLED_BACK_BY_ADMIN);

    default byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            if (this instanceof Prepared prepared) {
                begin(out, PREPARED, prepared.since());
                write(out, prepared);
            } else if (this instanceof Ended ended) {
                begin(out, ENDED, ended.when());
                out.writeByte(FATES.indexOf(ended.fate()));
                out.writeLong(ended.tid().value());
                out.writeInt(ended.changes());
                out.writeLong(ended.bytes());
            } else {
                begin(out, FORGOTTEN, Instant.EPOCH);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    private void begin(DataOutputStream out, byte kind, Instant time) throws IOException {
        out.writeByte(kind);
        out.writeInt(id().formatId());
        byte[] global = id().global();
        out.writeByte(global.length);
        out.write(global);
        byte[] qualifier = id().qualifier();
        out.writeByte(qualifier.length);
        out.write(qualifier);
        out.writeLong(time.toEpochMilli());
    }

    private static void write(DataOutputStream out, Prepared prepared) throws IOException {
        out.writeLong(prepared.after().value());
        for (byte[] text : List.of(
                prepared.meta().user(),
                prepared.meta().description(),
                prepared.meta().extension())) {
            out.writeShort(text.length);
            out.write(text);
        }
        out.writeInt(prepared.reads().size());
        for (Oid oid : prepared.reads()) {
            out.writeLong(oid.value());
        }
        out.writeInt(prepared.changes());
        out.writeLong(prepared.bytes());
        out.writeLong(prepared.file());
        out.writeLong(prepared.length());
        out.write(prepared.content());
    }

    /** @throws IOException if the bytes are not such an entry, as those of a later version are not */
    static JournalEntry decode(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        byte kind = in.readByte();
        int format = in.readInt();
        byte[] global = in.readNBytes(in.readUnsignedByte());
        byte[] qualifier = in.readNBytes(in.readUnsignedByte());
        BranchId id = new BranchId(format, global, qualifier);
        Instant time = Instant.ofEpochMilli(in.readLong());
        return switch (kind) {
            case PREPARED -> readPrepared(in, id, time);
            case ENDED -> new Ended(id, time, fate(in.readByte()), new Tid(in.readLong()), in.readInt(), in.readLong());
            case FORGOTTEN -> new Forgotten(id);
            default -> throw new IOException("an entry of an unknown kind, " + kind + ": written by a later version?");
        };
    }

    private static Fate fate(byte number) throws IOException {
        if (number < 0 || number >= FATES.size()) {
            throw new IOException("an end of an unknown kind, " + number);
        }
        return FATES.get(number);
    }

    private static Prepared readPrepared(DataInputStream in, BranchId id, Instant since) throws IOException {
        Tid after = new Tid(in.readLong());
        byte[] user = in.readNBytes(in.readUnsignedShort());
        byte[] description = in.readNBytes(in.readUnsignedShort());
        byte[] extension = in.readNBytes(in.readUnsignedShort());
        int count = in.readInt();
        List<Oid> reads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            reads.add(new Oid(in.readLong()));
        }
        int changes = in.readInt();
        long size = in.readLong();
        long file = in.readLong();
        long length = in.readLong();
        return new Prepared(
                id,
                since,
                after,
                new TransactionMeta(user, description, extension),
                List.copyOf(reads),
                changes,
                size,
                file,
                length,
                in.readAllBytes());
    }
}
