package org.zeoraid.zeo.server;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.Tuple;

/**
 * Loads of a connection, in step with what it is told. A client keeps what it loaded as current until it is told of a
 * change, so two things must not happen: that a revision reaches it before the news of its transaction, and that one is
 * called current after the news that it no longer is. The storage may have answered just before a commit; here that is
 * noticed, and the revision's end filled in. On the event loop.
 */
final class Loads {

    private static final class Load {
        private final Message request;
        private final Oid oid;
        private final long start;
        /** What is held while it waits. */
        private long weight;

        private boolean settled;

        Load(Message request, Oid oid, long start) {
            this.request = request;
            this.oid = oid;
            this.start = start;
        }
    }

    private record Sent(long number, Changes changes) {}

    private final Session session;
    private final Connection connection;
    private final ServedStorage served;
    /** Loads under way, oldest first. */
    private final ArrayDeque<Load> underWay = new ArrayDeque<>();
    /** What the client was told of since the oldest one began. */
    private final ArrayDeque<Sent> sent = new ArrayDeque<>();

    private long counter;
    private Tid lastTold = Tid.NONE;

    Loads(Session session) {
        this.session = session;
        this.connection = session.connection();
        this.served = session.served();
    }

    /** The client is told that this is the last transaction. */
    void told(Tid last) {
        lastTold = last.isAfter(lastTold) ? last : lastTold;
    }

    /** The client is told what a transaction changed, its own too. */
    void sent(Changes changes) {
        counter++;
        told(changes.tid());
        if (!underWay.isEmpty()) {
            sent.add(new Sent(counter, changes));
        }
    }

    /** A tid, or the last that the client was told of if that is later. */
    Tid atLeastTold(Tid tid) {
        return lastTold.isAfter(tid) ? lastTold : tid;
    }

    void load(Message request, Oid oid, Tid before) {
        served.loads.increment();
        connection.proclaim();
        Load load = new Load(request, oid, counter);
        underWay.add(load);
        CompletableFuture<Optional<Revision>> answer =
                served.storage().loadBefore(oid, before).toCompletableFuture();
        if (answer.isDone() && settle(load, answer)) {
            return;
        }
        load.weight = connection.begun(request);
        if (!answer.isDone()) {
            answer.whenComplete((found, failure) -> connection.onLoop(() -> settleInTime(load, answer)));
        } else {
            settleInTime(load, answer);
        }
    }

    private void settleInTime(Load load, CompletableFuture<Optional<Revision>> answer) {
        if (settle(load, answer)) {
            connection.ended(load.weight);
        } else {
            session.whenAnnounced(newest(answer))
                    .whenComplete((done, failure) -> connection.onLoop(() -> settleInTime(load, answer)));
        }
    }

    /** The latest transaction that an answer tells of. */
    private static Tid newest(CompletableFuture<Optional<Revision>> answer) {
        if (answer.isCompletedExceptionally()) {
            return Tid.NONE;
        }
        return answer.join()
                .map(revision -> revision.isCurrent() ? revision.serial() : revision.end())
                .orElse(Tid.NONE);
    }

    /** Replies, unless the answer tells of a transaction that the client will only be told of in a moment. */
    private boolean settle(Load load, CompletableFuture<Optional<Revision>> answer) {
        if (!served.isAnnounced(newest(answer))) {
            return false;
        }
        connection.proclaim();
        Optional<Revision> found;
        try {
            found = answer.join();
        } catch (RuntimeException e) {
            end(load);
            connection.refuse(load.request, Python.error(e));
            return true;
        }
        Object reply = found.map(revision -> row(load, revision)).orElse(null);
        end(load);
        if (!load.request.isOneWay()) {
            // What the client is told from here on comes behind it: the row knows nothing of that.
            connection.writeInTurn(Message.result(load.request.id(), reply));
        }
        return true;
    }

    private Tuple row(Load load, Revision revision) {
        Tid end = revision.isCurrent() ? replacedBy(load, revision.serial()) : revision.end();
        return Tuple.of(revision.data(), Ids.bytes(revision.serial()), end == null ? null : Ids.bytes(end));
    }

    private @Nullable Tid replacedBy(Load load, Tid serial) {
        for (Sent one : sent) {
            Changes changes = one.changes();
            if (one.number() > load.start && changes.tid().isAfter(serial) && changes.contains(load.oid)) {
                return changes.tid();
            }
        }
        return null;
    }

    private void end(Load load) {
        load.settled = true;
        while (!underWay.isEmpty() && underWay.element().settled) {
            underWay.remove();
        }
        long needed = underWay.isEmpty() ? counter : underWay.element().start;
        while (!sent.isEmpty() && sent.element().number() <= needed) {
            sent.remove();
        }
    }
}
