package org.zeoraid.zeo.server;

import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;

/**
 * The transaction of a connection, of which there is one at a time, from begin to finish or abort. While a vote or a
 * finish waits for the storage, the requests that belong to the transaction wait behind it and all others go on. On the
 * event loop.
 */
final class Committing {

    /** How many requests of the transaction may wait for its vote before nothing more is read. */
    private static final int MOST_WAITING = 64;

    private static final String TRANSACTION_ERROR = "ZODB.POSException.StorageTransactionError";

    private final Session session;
    private final Connection connection;
    private final ServedStorage served;
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private boolean holding;
    private @Nullable ServerTransaction transaction;
    private @Nullable ScheduledFuture<?> timer;
    /** The tpc_finish that has not been replied to. */
    private @Nullable Message finishing;

    private CompletableFuture<Tid> outcome = new CompletableFuture<>();

    Committing(Session session) {
        this.session = session;
        this.connection = session.connection();
        this.served = session.served();
    }

    static void register(Method.Registry methods) {
        in(methods, "tpc_begin", (c, r) -> c.begin(r.request, r.arguments));
        change(methods, "storea", 3, (c, r) -> {
            byte[] data = r.arguments.bytes(2);
            Oid oid = r.arguments.oid(0);
            Tid based = based(r.arguments);
            c.change(r, 3, data.length, t -> t.store(oid, based, data));
        });
        change(methods, "checkCurrentSerialInTransaction", 2, (c, r) -> {
            Oid oid = r.arguments.oid(0);
            Tid serial = r.arguments.tid(1);
            c.change(r, 2, 0, t -> t.checkCurrent(oid, serial));
        });
        change(methods, "restorea", 4, Committing::restore);
        change(methods, "deleteObject", 2, (c, r) -> {
            Oid oid = r.arguments.oid(0);
            Tid based = based(r.arguments);
            c.change(r, 2, 0, t -> t.delete(oid, based));
        });
        change(methods, "undoa", 1, (c, r) -> {
            Tid tid = Python.fromUndoId(r.arguments.bytesOrText(0));
            c.named(r.arguments.value(1)).undo(tid);
            c.connection.reply(r.request, null);
        });
        in(methods, "storeBlobStart", (c, r) -> {
            c.blob().blobStart();
            c.connection.reply(r.request, null);
        });
        in(methods, "storeBlobChunk", (c, r) -> {
            byte[] chunk = r.arguments.bytes(0);
            c.blob().blobChunk(chunk);
            c.connection.reply(r.request, null);
        });
        in(methods, "storeBlobEnd", (c, r) -> {
            Oid oid = r.arguments.oid(0);
            Tid based = based(r.arguments);
            byte[] data = r.arguments.bytes(2);
            c.named(r.arguments.value(3)).blobEnd(oid, data.length, (t, blob) -> t.storeBlob(oid, based, data, blob));
            c.served.stores.increment();
            c.connection.reply(r.request, null);
        });
        change(methods, "storeBlobShared", 4, Committing::sharedBlob);
        in(methods, "vote", (c, r) -> c.vote(r.request.withoutArguments(), r.arguments.value(0)));
        in(methods, "tpc_finish", (c, r) -> c.finish(r.request.withoutArguments(), r.arguments.value(0)));
        in(methods, "tpc_abort", (c, r) -> c.abort(r.request, r.arguments.value(0)));
    }

    private record Call(Message request, Arguments arguments) {}

    private record Waiting(long weight, Runnable call) {}

    /** A change of the transaction that an argument names. Wrong arguments doom it, as they do in Python's server. */
    private static void change(
            Method.Registry methods, String name, int idArgument, BiConsumer<Committing, Call> step) {
        in(methods, name, (c, r) -> {
            ServerTransaction open = c.named(r.arguments.value(idArgument));
            try {
                step.accept(c, r);
            } catch (PythonException e) {
                open.doom(e);
                c.connection.reply(r.request, null);
            }
        });
    }

    private static void in(Method.Registry methods, String name, BiConsumer<Committing, Call> step) {
        methods.add(name, (s, r, a) -> {
            s.mayWrite();
            s.committing().inOrder(new Call(r, a), step);
        });
    }

    private void inOrder(Call call, BiConsumer<Committing, Call> step) {
        if (holding) {
            waiting.add(new Waiting(
                    connection.hold(call.request),
                    () -> connection.attempt(call.request, () -> step.accept(this, call))));
        } else {
            step.accept(this, call);
        }
    }

    /** Whether so much waits that no more is to be read. */
    boolean isBusy() {
        ServerTransaction open = transaction;
        return waiting.size() >= MOST_WAITING || open != null && open.isWritingMuch();
    }

    /**
     * Whether changes are those of the transaction that is being finished. Then the client is told in its turn between the
     * changes of others, since it does not stand a tid that is older than one it knows.
     */
    boolean acknowledges(Changes changes) {
        Message request = finishing;
        ServerTransaction committed = transaction;
        if (request == null || committed == null || !changes.isBy(committed)) {
            return false;
        }
        // The reply has the client forget, or replace, what it changed.
        session.loads().sent(changes);
        served.sizes().now().ifPresent(sizes -> connection.writeInTurn(Message.oneWay("info", sizes)));
        if (!request.isOneWay()) {
            connection.writeInTurn(Message.result(request.id(), Ids.bytes(changes.tid())));
        }
        end(committed);
        released();
        if (!waiting.isEmpty() || !connection.isReading()) {
            // Not here, in the middle of what is being written.
            connection.later(this::goOn);
        }
        return true;
    }

    private void begin(Message request, Arguments arguments) {
        Object id = arguments.value(0);
        if (id == null) {
            throw new PythonException("builtins.TypeError", "tpc_begin() needs a transaction id");
        }
        if (Message.weightOf(id) > Connection.LIGHT) {
            throw new PythonException("builtins.ValueError", "no transaction id has more than 4 KiB");
        }
        if (transaction != null) {
            if (transaction.isNamed(id)) {
                connection.reply(request, null);
                return;
            }
            throw new PythonException(TRANSACTION_ERROR, "one transaction at a time on a connection");
        }
        TransactionMeta meta = Python.meta(arguments.bytesOrText(1), arguments.bytesOrText(2), arguments.mapOrNone(3));
        boolean packed = arguments.count() > 5 && arguments.text(5).equals("p");
        Tid tid = arguments.tidOr(4, Tid.NONE);
        ServerTransaction begun = new ServerTransaction(id, session);
        try {
            begun.begin(
                    tid.equals(Tid.NONE)
                            ? session.storage().begin(meta)
                            : session.storage()
                                    .begin(meta, tid, packed ? TransactionStatus.PACKED : TransactionStatus.COMMITTED));
        } catch (StorageException e) {
            // A one-way call has no reply to tell of it; the vote's will.
            begun.doom(Python.error(e));
        }
        transaction = begun;
        served.active.increment();
        connection.reply(request, null);
    }

    private void change(Call call, int idArgument, int bytes, Consumer<StorageTransaction> change) {
        named(call.arguments.value(idArgument)).change(bytes, change);
        if (!call.request.method().startsWith("check")) {
            served.stores.increment();
        }
        connection.reply(call.request, null);
    }

    private void restore(Call call) {
        Arguments arguments = call.arguments;
        Oid oid = arguments.oid(0);
        Tid origin = arguments.tidOr(3, Tid.NONE);
        byte[] data = arguments.value(2) == null ? null : arguments.bytes(2);
        Content content;
        if (data == null) {
            content = Content.ABSENT;
        } else if (origin.equals(Tid.NONE)) {
            content = new Content.Data(data);
        } else {
            content = new Content.Link(origin, data);
        }
        change(call, 4, data == null ? 0 : data.length, t -> t.restore(new DataRecord(oid, content)));
    }

    /** The serial that a change builds on; clients may send none for an object that is new. */
    private static Tid based(Arguments arguments) {
        return arguments.tidOr(1, Tid.NONE);
    }

    private void sharedBlob(Call call) {
        Oid oid = call.arguments.oid(0);
        Tid based = based(call.arguments);
        byte[] data = call.arguments.bytes(2);
        String name = call.arguments.text(3);
        SharedBlobs shared = served.sharedBlobs()
                .orElseThrow(() -> new PythonException(
                        "builtins.ValueError", "this server shares no blob folder: set shared-blob-dir false"));
        named(call.arguments.value(4))
                .sharedBlob(shared, oid, name, data.length, (t, blob) -> t.storeBlob(oid, based, data, blob));
        served.stores.increment();
        connection.reply(call.request, null);
    }

    private ServerTransaction blob() {
        if (transaction == null) {
            throw new PythonException(TRANSACTION_ERROR, "a blob outside a transaction");
        }
        return transaction;
    }

    private ServerTransaction named(@Nullable Object id) {
        if (transaction == null || id == null || !transaction.isNamed(id)) {
            throw new PythonException(TRANSACTION_ERROR, "no such transaction is under way");
        }
        return transaction;
    }

    private void vote(Message request, @Nullable Object id) {
        ServerTransaction voting = named(id);
        CompletableFuture<List<Oid>> vote = voting.vote().toCompletableFuture();
        if (vote.isDone()) {
            voted(request, voting, vote);
            return;
        }
        served.waiting.increment();
        hold(request);
        vote.whenComplete((undone, failure) -> connection.onLoop(() -> {
            served.waiting.decrement();
            if (transaction == voting) {
                connection.attempt(request, () -> voted(request, voting, vote));
            }
            released();
            goOn();
        }));
    }

    private void voted(Message request, ServerTransaction voting, CompletableFuture<List<Oid>> vote) {
        List<Oid> undone;
        try {
            undone = vote.join();
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (cause instanceof ConflictException conflict) {
                served.conflicts.increment();
                if (session.options().conflicts() == ServerOptions.Conflicts.RESOLVED_BY_CLIENTS
                        && Python.canBeResolved(conflict)) {
                    locks(voting);
                    connection.reply(request, Python.toResolve(conflict));
                    return;
                }
            }
            end(voting);
            voting.abort();
            connection.refuse(request, Python.error(cause));
            return;
        }
        voting.state = ServerTransaction.State.VOTED;
        locks(voting);
        connection.reply(request, Python.oids(undone));
    }

    /** The transaction keeps its objects from others. From the first time on, the client has so long to finish. */
    private void locks(ServerTransaction voted) {
        served.locks(voted);
        Duration timeout = session.options().transactionTimeout();
        if (timer == null && !timeout.isZero()) {
            timer = connection
                    .loop()
                    .schedule(
                            () -> connection.close(
                                    "its transaction was not finished " + timeout.toMillis() + " ms after the vote"),
                            timeout.toMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    private void finish(Message request, @Nullable Object id) {
        ServerTransaction voted = transaction;
        if (voted == null || id == null || !voted.isNamed(id)) {
            // Sent ahead behind a vote that failed: the vote's reply has said so.
            connection.reply(request, null);
            return;
        }
        if (voted.state != ServerTransaction.State.VOTED) {
            throw new PythonException(TRANSACTION_ERROR, "tpc_finish without a vote");
        }
        voted.state = ServerTransaction.State.FINISHING;
        finishing = request;
        stopTimer();
        served.commits.increment();
        served.finishes(voted);
        hold(request);
        CompletableFuture<Tid> finish = voted.finish().toCompletableFuture();
        outcome = finish;
        finish.whenComplete((tid, failure) -> {
            // What was published is acknowledged in its turn.
            if (served.isUnpublished(voted)) {
                connection.onLoop(() -> unpublished(request, voted, finish));
            }
        });
    }

    /** It failed, or has changed nothing, so nobody was told of it. */
    private void unpublished(Message request, ServerTransaction finished, CompletableFuture<Tid> finish) {
        end(finished);
        connection.answer(request, finish, tid -> Ids.bytes(session.loads().atLeastTold(tid)));
        released();
        goOn();
    }

    private void abort(Message request, @Nullable Object id) {
        ServerTransaction aborting = transaction;
        if (aborting == null || id == null || !aborting.isNamed(id)) {
            connection.reply(request, null);
            return;
        }
        served.aborts.increment();
        end(aborting);
        connection.answer(request, aborting.abort().thenApply(done -> null));
    }

    /** The transaction's other requests wait. */
    private void hold(Message request) {
        holding = true;
        connection.begun(request);
    }

    private void released() {
        holding = false;
        connection.settled(0);
    }

    private void goOn() {
        while (!holding && !waiting.isEmpty()) {
            Waiting next = waiting.remove();
            connection.release(next.weight());
            next.call().run();
        }
        connection.resume();
    }

    private void end(ServerTransaction ended) {
        stopTimer();
        if (ended == transaction) {
            transaction = null;
            finishing = null;
            served.active.decrement();
            served.ended(ended);
            ended.discard();
        }
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** The connection is gone. What is being finished is left to its fate. */
    void close() {
        waiting.forEach(call -> connection.release(call.weight()));
        waiting.clear();
        ServerTransaction open = transaction;
        if (open == null) {
            return;
        }
        if (open.state != ServerTransaction.State.FINISHING) {
            end(open);
            open.abort();
        } else {
            finishing = null;
            outcome.whenComplete((tid, failure) -> connection.onLoop(() -> end(open)));
        }
    }

    @Override
    public String toString() {
        return Objects.toString(transaction, "no transaction");
    }
}
