package org.zeoraid.zeo.python;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.MalformedMessageException;
import org.zeoraid.zeo.codec.PickleReader;

/**
 * A server with the manners of Python's ZEO 6 over a file storage with blobs, which differ from those of our own: it takes
 * any tid, also one that it has; an object that was stored twice in a transaction is there twice, as Python's client does with
 * blobs; fresh oids are refused to those that only read; all others are told of a commit, and the objects that were restored
 * are not among those that it names. One storage, {@code 1}, in memory.
 */
public final class PythonServer implements AutoCloseable {

    private final char encoding;
    private final List<ServerSocket> listening = new CopyOnWriteArrayList<>();
    private final List<PythonConnection> connections = new CopyOnWriteArrayList<>();
    private final PythonStorage storage = new PythonStorage();
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private @Nullable PythonConnection locked;

    /** @param encoding {@code M} or {@code Z} */
    public PythonServer(char encoding) {
        this.encoding = encoding;
        listen();
    }

    private void listen() {
        try {
            ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            listening.add(socket);
            Thread thread = new Thread(() -> accept(socket), "python-server");
            thread.setDaemon(true);
            thread.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                PythonConnection connection = new PythonConnection(this, socket.accept(), encoding);
                connections.add(connection);
                connection.start();
            } catch (IOException e) {
                // It has been closed.
                return;
            }
        }
    }

    public SocketAddress address() {
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(), listening.get(0).getLocalPort());
    }

    /** Where it is reached too. */
    public SocketAddress anotherAddress() {
        listen();
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(),
                listening.get(listening.size() - 1).getLocalPort());
    }

    /** The transactions in their order in the file. */
    public synchronized List<Tid> tids() {
        return storage.transactions().stream()
                .map(transaction -> transaction.tid)
                .toList();
    }

    /** How many iterators clients hold open. */
    public synchronized int openIterators() {
        return connections.stream().mapToInt(PythonConnection::openIterators).sum();
    }

    /** How many iterators clients have asked for, over transactions and over their records. */
    public synchronized long startedIterators() {
        return connections.stream()
                .mapToLong(PythonConnection::startedIterators)
                .sum();
    }

    /** Writes a transaction as a Python client does, with the tid that it has. */
    public synchronized void commit(CommittedTransaction transaction) {
        PythonStorage.Kept kept = new PythonStorage.Kept(
                transaction.tid(),
                String.valueOf(transaction.header().status().letter()),
                transaction.header().meta().user(),
                transaction.header().meta().description(),
                extension(transaction));
        List<PythonStorage.Entry> stored = new ArrayList<>();
        Map<Oid, byte[]> files = new HashMap<>();
        for (DataRecord record : transaction.records()) {
            PythonStorage.Entry entry = new PythonStorage.Entry(
                    record.oid(),
                    record.data().orElse(null),
                    record.content() instanceof Content.Link link ? link.origin() : null);
            kept.entries.add(entry);
            storage.seen(record.oid());
            if (record.blob().isPresent()) {
                stored.add(0, entry);
                files.put(record.oid(), bytes(record.blob().get()));
            }
        }
        kept.entries.addAll(stored);
        storage.add(kept, files);
        tell(
                null,
                transaction.tid(),
                kept.entries.stream().map(PythonStorage.Entry::oid).toList());
    }

    private static Map<?, ?> extension(CommittedTransaction transaction) {
        byte[] pickled = transaction.header().meta().extension();
        try {
            return pickled.length == 0 ? Map.of() : (Map<?, ?>) PickleReader.unpickle(pickled);
        } catch (MalformedMessageException e) {
            throw new IllegalArgumentException("no dictionary", e);
        }
    }

    private static byte[] bytes(BlobSource blob) {
        try (var in = blob.open()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // What connections do, one at a time.

    PythonStorage storage() {
        return storage;
    }

    /** Runs something when nobody else holds the lock that a vote takes. */
    void lock(PythonConnection by, Runnable then) {
        if (locked == null) {
            locked = by;
            then.run();
        } else {
            waiting.add(() -> lock(by, then));
        }
    }

    boolean isLockedBy(PythonConnection connection) {
        return locked == connection;
    }

    void unlock(PythonConnection by) {
        if (locked == by) {
            locked = null;
            Runnable next = waiting.poll();
            if (next != null) {
                next.run();
            }
        }
    }

    /** Tells all but one. */
    void tell(@Nullable PythonConnection committer, Tid tid, List<Oid> oids) {
        connections.forEach(connection -> {
            if (connection != committer) {
                connection.invalidate(tid, oids);
            }
        });
    }

    void ended(PythonConnection connection) {
        connections.remove(connection);
    }

    /** Kills it: nobody is connected any more, and nobody can be. */
    @Override
    public void close() {
        for (ServerSocket socket : listening) {
            quietly(socket);
        }
        connections.forEach(PythonConnection::close);
    }

    private static void quietly(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void quietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
