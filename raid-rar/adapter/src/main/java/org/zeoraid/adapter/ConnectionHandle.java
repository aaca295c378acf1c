package org.zeoraid.adapter;

import jakarta.resource.spi.IllegalStateException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidTransaction;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;

/**
 * What an application holds: the way to whichever managed connection the server has associated it with. Used in a way that
 * cannot be meant it says so, rather than do something else: after its end, by two threads at once, or outside of the
 * transaction that it was opened in.
 */
final class ConnectionHandle implements RaidConnection {

    private sealed interface State {
        /** Works through a managed connection. */
        record Associated(RaidManagedConnection connection) implements State {}

        /** The server has taken its managed connection, and gives it one again when it is used. */
        record Inactive() implements State {}

        /** For good. */
        record Ended(String how) implements State {}
    }

    private static final State INACTIVE = new State.Inactive();
    private static final State CLOSED = new State.Ended("has been closed");
    private static final State TAKEN = new State.Ended(
            "has been taken back by the server: it was still open when the server gave it up, as at the end of what"
                    + " opened it");

    private final RaidManagedConnectionFactory factory;
    private volatile State state;
    /** Who uses this now; null for nobody. */
    private final AtomicReference<@Nullable Thread> user = new AtomicReference<>();

    /** Looks of those who watch for connections that nobody closes, since it was used. */
    private final AtomicInteger looks = new AtomicInteger();

    private volatile @Nullable JcaConnectionFactory origin;
    private volatile @Nullable OpenConnections listedIn;
    private volatile Opening opening = Opening.UNKNOWN;
    private volatile boolean isOfTransaction;
    private TransactionMeta standingDescription = TransactionMeta.EMPTY;
    private CompletionStage<Tid> lastOutcome = CompletableFuture.completedFuture(Tid.NONE);

    ConnectionHandle(RaidManagedConnection connection, RaidManagedConnectionFactory factory) {
        this.factory = factory;
        this.state = new State.Associated(connection);
    }

    /** It is about to be given to the application. */
    void openedBy(JcaConnectionFactory opener, Opening where) {
        origin = opener;
        opening = where;
        RaidManagedConnection connection = managed();
        isOfTransaction = connection.isInServersTransaction();
        OpenConnections open = connection.array().connections();
        listedIn = open;
        open.add(this);
    }

    Opening opening() {
        return opening;
    }

    /** Somebody looks whether it is used; tells how many looks there were since it was. */
    int looked() {
        if (user.get() != null) {
            looks.set(0);
        }
        return looks.incrementAndGet();
    }

    boolean isMadeBy(RaidManagedConnectionFactory candidate) {
        return factory.equals(candidate);
    }

    /** The managed connection that it has now. */
    Optional<RaidManagedConnection> association() {
        return state instanceof State.Associated associated ? Optional.of(associated.connection()) : Optional.empty();
    }

    void associate(RaidManagedConnection next) throws IllegalStateException {
        State before = change(now -> now instanceof State.Ended ? now : new State.Associated(next));
        if (before instanceof State.Ended ended) {
            throw new IllegalStateException("the connection " + ended.how());
        }
    }

    boolean belongsTo(RaidManagedConnection candidate) {
        return isAt(candidate, state);
    }

    /** The server takes the managed connection, and may give another one. */
    void dissociateFrom(RaidManagedConnection connection) {
        change(now -> isAt(connection, now) ? INACTIVE : now);
    }

    /** The server takes the managed connection for good; tells whether this was open. */
    boolean takeFrom(RaidManagedConnection connection) {
        boolean wasOpen = isAt(connection, change(now -> isAt(connection, now) ? TAKEN : now));
        if (wasOpen) {
            ended();
        }
        return wasOpen;
    }

    private void ended() {
        OpenConnections open = listedIn;
        if (open != null) {
            open.remove(this);
        }
    }

    /** Gives the state that it was in before. */
    private synchronized State change(UnaryOperator<State> next) {
        State before = state;
        state = next.apply(before);
        return before;
    }

    private static boolean isAt(RaidManagedConnection connection, State state) {
        return state instanceof State.Associated associated
                && associated.connection().equals(connection);
    }

    @Override
    public String arrayName() {
        return use(connection -> connection.array().name());
    }

    @Override
    public Revision load(Oid oid) {
        return perform(unit -> unit.load(oid));
    }

    @Override
    public Revision loadBefore(Oid oid, Tid before) {
        return ask(storage -> storage.loadBefore(oid, before)).orElseThrow(() -> new ObjectNotFoundException(oid));
    }

    @Override
    public byte[] loadSerial(Oid oid, Tid serial) {
        return ask(storage -> storage.loadSerial(oid, serial));
    }

    @Override
    public Oid newOid() {
        return newOids(1).get(0);
    }

    @Override
    public List<Oid> newOids(int count) {
        return ask(storage -> storage.newOids(count));
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
        inTransaction(unit -> unit.checkCurrent(oid));
    }

    @Override
    public void undo(Tid tid) {
        run(unit -> unit.undo(tid));
    }

    @Override
    public List<HistoryEntry> history(Oid oid, int limit) {
        return ask(storage -> storage.history(oid, limit));
    }

    @Override
    public List<TransactionHeader> undoLog(int skip, int limit) {
        return ask(storage -> storage.undoLog(skip, limit));
    }

    @Override
    public Tid lastTid() {
        return use(connection -> {
            UnitOfWork unit = connection.unit();
            return unit == null ? Stages.await(connection.array().storage().lastTid()) : unit.snapshot();
        });
    }

    @Override
    public void describe(TransactionMeta meta) {
        use(connection -> {
            UnitOfWork unit = connection.unit();
            if (unit == null) {
                standingDescription = meta;
            } else {
                unit.describe(meta);
            }
            return meta;
        });
    }

    @Override
    public void vote() {
        inTransaction(UnitOfWork::vote);
    }

    @Override
    public CompletionStage<Tid> outcome() {
        return use(connection -> {
            UnitOfWork unit = connection.unit();
            return unit == null ? lastOutcome : unit.outcome();
        });
    }

    @Override
    public RaidTransaction localTransaction() {
        return new ApplicationTransaction(this);
    }

    @Override
    public void close() {
        State before = change(now -> now instanceof State.Ended ? now : CLOSED);
        ended();
        JcaConnectionFactory opener = origin;
        if (before instanceof State.Associated associated) {
            associated.connection().closed(this);
        } else if (before instanceof State.Inactive && opener != null) {
            opener.closedInactive(this);
        }
    }

    /**
     * The managed connection that this works through now.
     *
     * @throws StorageClosedException if there will be none any more
     */
    RaidManagedConnection managed() {
        State now = state;
        JcaConnectionFactory opener = origin;
        if (now instanceof State.Inactive && opener != null) {
            opener.associate(this);
            now = state;
        }
        if (now instanceof State.Associated associated) {
            return associated.connection();
        }
        throw new StorageClosedException(
                "the connection " + (now instanceof State.Ended ended ? ended.how() : "has been taken by the server"));
    }

    private <T> T ask(Function<Storage, CompletionStage<T>> question) {
        return use(connection -> Stages.await(question.apply(connection.array().storage())));
    }

    /** Does nothing outside of a transaction. */
    private void inTransaction(Consumer<UnitOfWork> operation) {
        use(connection -> {
            UnitOfWork unit = connection.unit();
            if (unit != null) {
                operation.accept(unit);
            }
            return connection;
        });
    }

    private void run(Consumer<UnitOfWork> operation) {
        perform(unit -> {
            operation.accept(unit);
            return unit;
        });
    }

    private <T> T perform(Function<UnitOfWork, T> operation) {
        return use(connection -> {
            UnitOfWork unit = connection.unit();
            return unit == null ? performAlone(connection.array().newUnit(), operation) : operation.apply(unit);
        });
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

    private <T> T use(Function<RaidManagedConnection, T> operation) {
        return alone(connection -> {
            if (isOfTransaction && connection.unit() == null) {
                throw byItself(
                        "was opened in a transaction that has ended, or is suspended, and takes part in no other");
            }
            if (connection.isLeftOut()) {
                throw byItself("was opened before the transaction, and the server does not have it take part");
            }
            return operation.apply(connection);
        });
    }

    private static ProtocolException byItself(String how) {
        return new ProtocolException("the connection " + how
                + ": what it does now would be committed by itself; take a connection for each piece of work");
    }

    /** Everything that an application does with this goes through here, but for its close. */
    <T> T alone(Function<RaidManagedConnection, T> operation) {
        Thread other = user.compareAndExchange(null, Thread.currentThread());
        if (other != null && other != Thread.currentThread()) {
            throw new ProtocolException("a connection is for one thread at a time, and thread '" + other.getName()
                    + "' is using this one; take a connection for each thread");
        }
        if (looks.getPlain() != 0) {
            looks.set(0);
        }
        try {
            RaidManagedConnection connection = managed();
            try {
                return operation.apply(connection);
            } catch (StorageClosedException e) {
                if (connection.array().isClosed()) {
                    connection.failed(this, e);
                }
                throw e;
            }
        } finally {
            if (other == null) {
                user.set(null);
            }
        }
    }
}
