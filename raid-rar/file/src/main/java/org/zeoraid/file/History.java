package org.zeoraid.file;

import java.util.ArrayList;
import java.util.List;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;

/** Looks back, along the records of an object and along the transactions. */
final class History {

    private History() {}

    static List<HistoryEntry> of(Lease lease, Oid oid, int limit) {
        Generation generation = lease.generation();
        long position = generation.objects().find(oid.value());
        if (position == 0) {
            throw new ObjectNotFoundException(oid);
        }
        List<HistoryEntry> entries = new ArrayList<>();
        RecordReader reader = lease.reader();
        while (position != 0 && entries.size() < limit) {
            reader.read(generation.log(), position, oid.value());
            generation.check(reader, 0);
            Tid tid = new Tid(reader.tid());
            position = reader.previous();
            TransactionHead head = generation.log().readHead(reader.transaction());
            while (reader.dataLength() == 0 && reader.link() != 0) {
                reader.read(generation.log(), reader.link(), oid.value());
                generation.check(reader, 0);
            }
            entries.add(new HistoryEntry(tid, head.meta(), reader.dataLength()));
        }
        return entries;
    }

    static List<TransactionHeader> undoLog(Generation generation, int skip, int limit) {
        LogFile log = generation.log();
        List<TransactionHeader> headers = new ArrayList<>();
        long position = generation.tail().end();
        int left = skip;
        while (position > Format.START && headers.size() < limit) {
            long length = log.readLong(position - Format.TRAILER);
            long start = position - Format.TRAILER - length;
            if (length < Format.TRANSACTION_HEAD || start < Format.START) {
                throw log.damage(position - Format.TRAILER, "a transaction claims an impossible length, " + length);
            }
            TransactionHead head = log.readHead(start);
            if (head.isPacked()) {
                break;
            }
            if (head.status() == Format.COMMITTED) {
                if (left > 0) {
                    left--;
                } else {
                    headers.add(head.header());
                }
            }
            position = start;
        }
        return headers;
    }
}
