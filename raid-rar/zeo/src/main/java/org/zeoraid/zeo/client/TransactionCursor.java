package org.zeoraid.zeo.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.pickle.BlobRecords;
import org.zeoraid.zeo.codec.Ids;

/**
 * Whole transactions from a server whose iterators give one record a request. One iterator lists the transactions ahead.
 * A second one follows it: as their tids are known, its step to a transaction and the request for an iterator over that
 * one's records go out together, for many transactions one behind the other. Each of these record iterators then has one
 * request under way, so that nothing is asked behind an end. (Iterators that begin in the middle would have a file
 * storage search its file for the place, again and again.)
 */
final class TransactionCursor extends PacedCursor<CommittedTransaction> {

    /** Beside each other 32 keep a server busy; the rest is for networks with a long way. */
    private static final int AT_ONCE = 128;

    private static final long ROOM_BYTES = 8 << 20;
    private static final long LISTED = 4_000;
    private static final int FEW = 2 * AT_ONCE;
    private static final int LISTED_AT_ONCE = 32;

    private final BlobStore blobs;
    private final Tid from;
    private final Tid to;
    private final Cursor<TransactionHeader> listing;
    private final ArrayDeque<TransactionHeader> listed = new ArrayDeque<>();
    private final ArrayDeque<Slot> slots = new ArrayDeque<>();
    private @Nullable Long walker;
    private boolean starting;
    private boolean asking;
    private boolean allListed;
    private boolean freed;
    private long slotBytes;

    TransactionCursor(ServerChannel channel, BlobStore blobs, Tid from, Tid to) {
        super(channel);
        this.blobs = blobs;
        this.from = from;
        this.to = to;
        this.listing = new HeaderCursor(channel, from, to, LISTED_AT_ONCE);
    }

    @Override
    long size(CommittedTransaction transaction) {
        return inMemory(transaction.dataBytes(), transaction.recordCount());
    }

    @Override
    void fill() {
        if (!starting) {
            starting = true;
            channel()
                    .ask("iterator_start", Values::number, Ids.bytes(from), Ids.bytes(to))
                    .whenComplete(this::started);
        }
        if (!asking && !allListed && listed.size() < FEW) {
            asking = true;
            listing.next(LISTED).whenComplete(this::listed);
        }
        while (walker != null && !listed.isEmpty() && slots.size() < AT_ONCE && slotBytes + readyBytes() < ROOM_BYTES) {
            Slot slot = new Slot(listed.remove(), walker);
            slots.add(slot);
            slot.start();
        }
        if (allListed && listed.isEmpty() && slots.isEmpty() && walker != null) {
            ended();
            free();
        }
    }

    private void started(@Nullable Long number, @Nullable Throwable failure) {
        walker = number;
        if (failure != null) {
            failed(failure);
        } else if (isOver()) {
            release();
        }
        proceed();
    }

    private void listed(@Nullable List<TransactionHeader> headers, @Nullable Throwable failure) {
        asking = false;
        if (failure != null || headers == null) {
            failed(failure == null ? new IllegalStateException("no headers") : failure);
        } else if (headers.isEmpty()) {
            allListed = true;
        } else {
            listed.addAll(headers);
        }
        proceed();
    }

    /** One step more than there are transactions: the server forgets an iterator wholly only when it is exhausted. */
    private void free() {
        if (walker != null && !freed) {
            freed = true;
            channel().call("iterator_next", walker);
        }
    }

    @Override
    void release() {
        listing.close();
        if (walker != null && !freed) {
            freed = true;
            List<@Nullable Object> open = new ArrayList<>();
            open.add(walker);
            slots.forEach(slot -> {
                if (slot.iterator != null && !slot.exhausted) {
                    open.add(slot.iterator);
                }
            });
            channel().send(channel().new Batch().oneWay("iterator_gc", open));
        }
    }

    /** One transaction whose records are on their way. */
    private final class Slot {

        private final TransactionHeader header;
        private final Long walker;
        private final ArrivingRecords records = new ArrivingRecords(blobs::scratch);
        private final Set<Oid> blobOids = new LinkedHashSet<>();
        private @Nullable Long iterator;
        private boolean exhausted;
        private int blobsUnderWay;

        Slot(TransactionHeader header, Long walker) {
            this.header = header;
            this.walker = walker;
        }

        void start() {
            ServerChannel.Batch batch = channel().new Batch();
            CompletableFuture<@Nullable Object> step = batch.call("iterator_next", walker);
            CompletableFuture<@Nullable Object> records =
                    batch.call("iterator_record_start", walker, Ids.bytes(header.tid()));
            channel().send(batch);
            step.thenApply(row ->
                            row == null ? Tid.NONE : HeaderCursor.header(row).tid())
                    .whenComplete((found, failure) -> {
                        if (failure != null) {
                            fail(failure);
                        } else if (!found.equals(header.tid())) {
                            fail(new ProtocolException(channel().location() + " listed transaction " + header.tid()
                                    + " and then gave " + found + ": it is being packed, or broken"));
                        }
                    });
            records.thenApply(Values::number).whenComplete((number, failure) -> {
                if (failure != null || number == null) {
                    fail(failure == null ? new IllegalStateException("no iterator") : failure);
                } else if (isOver()) {
                    channel().send(channel().new Batch().oneWay("iterator_gc", List.of(number)));
                } else {
                    iterator = number;
                    ask();
                }
            });
        }

        private void fail(Throwable failure) {
            failed(failure);
            proceed();
        }

        private void ask() {
            if (!isOver()) {
                channel().call("iterator_record_next", iterator).whenComplete(this::answered);
            }
        }

        private void answered(@Nullable Object row, @Nullable Throwable failure) {
            if (failure != null) {
                fail(failure);
                return;
            }
            try {
                if (row == null) {
                    exhausted = true;
                    blobOids.forEach(this::fetch);
                    completeInOrder();
                } else {
                    ask();
                    take(Values.row(row, 4));
                }
            } catch (RuntimeException e) {
                fail(e);
            }
        }

        private void take(List<?> row) {
            DataRecord entry = new DataRecord(Values.oid(row.get(0)), content(row));
            long before = records.inMemory();
            // Others' data is there too; who comes last goes to disk.
            records.add(entry, before + ROOM_BYTES - slotBytes);
            slotBytes += records.inMemory() - before;
            if (entry.data().filter(BlobRecords::mayBeBlob).isPresent()) {
                blobOids.add(entry.oid());
            } else {
                blobOids.remove(entry.oid());
            }
        }

        private void fetch(Oid oid) {
            blobsUnderWay++;
            ZeoLog.blob(channel(), blobs, oid, header.tid())
                    .whenComplete((blob, failure) -> channel().executor().execute(() -> {
                        blobsUnderWay--;
                        if (failure == null) {
                            records.blob(oid, blob);
                        } else if (!(Failures.cause(failure) instanceof ObjectNotFoundException)) {
                            fail(failure);
                            return;
                        }
                        // Without a blob: its file is missing at the server, and the record is all there is.
                        completeInOrder();
                    }));
        }

        private boolean isComplete() {
            return exhausted && blobsUnderWay == 0;
        }
    }

    private void completeInOrder() {
        boolean any = false;
        while (!slots.isEmpty() && slots.getFirst().isComplete()) {
            Slot first = slots.remove();
            slotBytes -= first.records.inMemory();
            arrived(List.of(first.records.transaction(first.header)));
            any = true;
        }
        if (any) {
            proceed();
        }
    }

    private static Content content(List<?> row) {
        if (row.get(2) == null) {
            return Content.ABSENT;
        }
        byte[] bytes = Values.data(row.get(2));
        return row.get(3) == null ? new Content.Data(bytes) : new Content.Link(Values.tid(row.get(3)), bytes);
    }
}
