package org.zeoraid.adapter;

import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidTransaction;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;

/** What an application holds: the way to whichever managed connection the server has associated it with. */
final class ConnectionHandle implements RaidConnection {
    private volatile @Nullable RaidManagedConnection connection;
    private TransactionMeta standingDescription = TransactionMeta.EMPTY;
    private CompletionStage<Tid> lastOutcome = CompletableFuture.completedFuture(Tid.NONE);

    ConnectionHandle(RaidManagedConnection connection) {
        this.connection = connection;
    }

    /** @param other the managed connection from now on, null if there is none any more */
    void associate(@Nullable RaidManagedConnection other) {
        connection = other;
    }

    boolean belongsTo(RaidManagedConnection candidate) {
        return candidate.equals(connection);
    }

    @Nullable RaidManagedConnection association() {
        return connection;
    }

    @Override
    public String arrayName() {
        return storage().name();
    }

    @Override
    public Revision load(Oid oid) {
        return perform(unit -> unit.load(oid));
    }

    @Override
    public Revision loadBefore(Oid oid, Tid before) {
        return Stages.await(storage().loadBefore(oid, before))
                .orElseThrow(() -> new org.zeoraid.storage.ObjectNotFoundException(oid));
    }

    @Override
    public byte[] loadSerial(Oid oid, Tid serial) {
        return Stages.await(storage().loadSerial(oid, serial));
    }

    @Override
    public Oid newOid() {
        return newOids(1).get(0);
    }

    @Override
    public List<Oid> newOids(int count) {
        return Stages.await(storage().newOids(count));
    }

    @Override
    public void store(Oid oid, byte[] data) {
        run(unit -> unit.store(oid, data));
    }

    @Override
    public void store(Oid oid, Tid based, byte[] data) {
        run(unit -> unit.store(oid, based, data));
    }

    @Override
    public void storeBlob(Oid oid, byte[] data, InputStream blob) {
        run(unit -> unit.storeBlob(oid, data, blob));
    }

    @Override
    public BlobSource blob(Oid oid) {
        return perform(unit -> unit.blob(oid));
    }

    @Override
    public void delete(Oid oid) {
        run(unit -> unit.delete(oid));
    }

    @Override
    public void checkCurrent(Oid oid) {
        UnitOfWork unit = managed().unit();
        if (unit != null) {
            unit.checkCurrent(oid);
        }
    }

    @Override
    public void undo(Tid tid) {
        run(unit -> unit.undo(tid));
    }

    @Override
    public List<HistoryEntry> history(Oid oid, int limit) {
        return Stages.await(storage().history(oid, limit));
    }

    @Override
    public List<TransactionHeader> undoLog(int skip, int limit) {
        return Stages.await(storage().undoLog(skip, limit));
    }

    @Override
    public Tid lastTid() {
        UnitOfWork unit = managed().unit();
        return unit == null ? Stages.await(storage().lastTid()) : unit.snapshot();
    }

    @Override
    public void describe(TransactionMeta meta) {
        UnitOfWork unit = managed().unit();
        if (unit == null) {
            standingDescription = meta;
        } else {
            unit.describe(meta);
        }
    }

    @Override
    public void vote() {
        UnitOfWork unit = managed().unit();
        if (unit != null) {
            unit.vote();
        }
    }

    @Override
    public CompletionStage<Tid> outcome() {
        UnitOfWork unit = managed().unit();
        return unit == null ? lastOutcome : unit.outcome();
    }

    @Override
    public RaidTransaction localTransaction() {
        return managed().applicationTransaction(this);
    }

    @Override
    public void close() {
        RaidManagedConnection open = connection;
        if (open != null) {
            connection = null;
            open.closed(this);
        }
    }

    private Storage storage() {
        return managed().array().storage();
    }

    private RaidManagedConnection managed() {
        RaidManagedConnection open = connection;
        if (open == null) {
            throw new StorageClosedException("the connection has been closed, or taken back by the server");
        }
        return open;
    }

    private void run(Consumer<UnitOfWork> operation) {
        perform(unit -> {
            operation.accept(unit);
            return unit;
        });
    }

    private <T> T perform(Function<UnitOfWork, T> operation) {
        RaidManagedConnection open = managed();
        UnitOfWork unit = open.unit();
        try {
            return unit == null ? performAlone(open.array().newUnit(), operation) : operation.apply(unit);
        } catch (StorageClosedException e) {
            if (open.array().isClosed()) {
                open.failed(this, e);
            }
            throw e;
        }
    }

    /** Outside of a transaction: one operation, committed when it is done. */
    private <T> T performAlone(UnitOfWork unit, Function<UnitOfWork, T> operation) {
        lastOutcome = unit.outcome();
        try {
            unit.describe(standingDescription);
            T answer = operation.apply(unit);
            unit.vote();
            unit.commit();
            return answer;
        } catch (RuntimeException e) {
            unit.rollback(e);
            throw e;
        }
    }
}
