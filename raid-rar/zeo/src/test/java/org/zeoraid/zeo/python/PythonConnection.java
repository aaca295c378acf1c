package org.zeoraid.zeo.python;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.Tuple;
import org.zeoraid.zeo.python.PythonStorage.Entry;
import org.zeoraid.zeo.python.PythonStorage.Kept;
import org.zeoraid.zeo.python.PythonStorage.Raised;

/** A client of a {@link PythonServer}; one request at a time is carried out in the whole server. */
final class PythonConnection {

    private static final int BLOB_CHUNK = 59_000;
    private static final Set<String> WRITING = Set.of("new_oids", "tpc_begin", "vote", "tpc_finish", "tpc_abort");

    /** The answer to a request that is answered later. */
    private static final Object LATER = new Object();

    private record Change(
            String kind,
            Oid oid,
            Tid tid,
            byte @Nullable [] data,
            @Nullable Tid origin) {}

    private static final class Begun {
        private final Object id;
        private final Kept transaction;
        private final List<Change> changes = new ArrayList<>();
        private final List<Change> blobs = new ArrayList<>();
        private final Map<Oid, byte[]> files = new HashMap<>();
        private final List<Oid> invalidated = new ArrayList<>();

        Begun(Object id, Kept transaction) {
            this.id = id;
            this.transaction = transaction;
        }
    }

    private final PythonServer server;
    private final PythonStorage storage;
    private final Socket socket;
    private final Codec codec;
    private final DataOutputStream out;
    private final Map<Long, Iterator<?>> iterators = new HashMap<>();
    private final Map<Long, Kept> given = new HashMap<>();
    private @Nullable Boolean readOnly;
    private @Nullable Begun begun;
    private @Nullable ByteArrayOutputStream blob;
    private long iteratorIds;

    PythonConnection(PythonServer server, Socket socket, char encoding) throws IOException {
        this.server = server;
        this.storage = server.storage();
        this.socket = socket;
        this.codec = Codec.byLetter(encoding);
        socket.setTcpNoDelay(true);
        this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    }

    void start() {
        Thread thread = new Thread(this::serve, "python-connection");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        try (Socket client = socket) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
            write((codec.letter() + "5").getBytes(StandardCharsets.US_ASCII));
            in.readFully(new byte[in.readInt()]);
            while (true) {
                byte[] bytes = new byte[in.readInt()];
                in.readFully(bytes);
                Message request = codec.decode(bytes);
                synchronized (server) {
                    if (!Message.KEEP_ALIVE_ID.equals(request.id())) {
                        execute(request);
                    }
                }
            }
        } catch (IOException e) {
            // The client has gone, or the server.
        } finally {
            synchronized (server) {
                server.ended(this);
                server.unlock(this);
            }
        }
    }

    private void execute(Message request) throws IOException {
        List<?> arguments = (List<?>) request.arguments();
        Object answer;
        try {
            if ((readOnly == null) != request.method().equals("register")) {
                throw new IOException("anything but one registration at the beginning ends the connection");
            }
            if (Boolean.TRUE.equals(readOnly) && WRITING.contains(request.method())) {
                throw new Raised("ZODB.POSException.ReadOnlyError", Tuple.EMPTY);
            }
            answer = perform(request.id(), request.method(), arguments);
        } catch (Raised e) {
            if (request.isOneWay()) {
                throw new IOException("a one-way call that fails ends the connection", e);
            }
            write(codec.encode(Message.error(request.id(), e.className, e.details)));
            return;
        }
        if (!request.isOneWay() && answer != LATER) {
            write(codec.encode(Message.result(request.id(), answer)));
        }
    }

    private @Nullable Object perform(Object id, String method, List<?> a) throws IOException {
        switch (method) {
            case "register" -> {
                if (!a.get(0).equals("1")) {
                    throw new Raised("builtins.ValueError", Tuple.of("unknown storage: " + a.get(0)));
                }
                readOnly = (Boolean) a.get(1);
                return Ids.bytes(storage.last());
            }
            case "lastTransaction" -> {
                return Ids.bytes(storage.last());
            }
            case "set_client_label", "ping" -> {
                return null;
            }
            case "get_info" -> {
                return Map.of(
                        "length",
                        storage.objects(),
                        "size",
                        storage.bytes(),
                        "name",
                        "Data.fs",
                        "supportsUndo",
                        true,
                        "supports_record_iternext",
                        true,
                        "interfaces",
                        Tuple.EMPTY);
            }
            case "loadBefore" -> {
                return storage.loadBefore(oid(a.get(0)), tid(a.get(1)));
            }
            case "loadSerial" -> {
                return storage.loadSerial(oid(a.get(0)), tid(a.get(1)));
            }
            case "getTid" -> {
                return Ids.bytes(storage.tid(oid(a.get(0))));
            }
            case "history" -> {
                return storage.history(oid(a.get(0)), (Long) a.get(1));
            }
            case "undoLog" -> {
                return storage.undoLog((Long) a.get(0), (Long) a.get(1));
            }
            case "record_iternext" -> {
                return storage.next(a.get(0) == null ? Oid.ROOT : oid(a.get(0)));
            }
            case "new_oids" -> {
                List<byte[]> fresh = new ArrayList<>();
                for (long i = 0; i < Math.max(1, Math.min((Long) a.get(0), 100)); i++) {
                    fresh.add(Ids.bytes(storage.newOid()));
                }
                return fresh;
            }
            case "pack" -> {
                storage.pack((Double) a.get(0));
                return null;
            }
            case "sendBlob" -> {
                sendBlob(oid(a.get(0)), tid(a.get(1)));
                return null;
            }
            default -> {
                return method.startsWith("iterator_") ? iterate(method, a) : commit(id, method, a);
            }
        }
    }

    private static Oid oid(@Nullable Object bytes) {
        return new Oid(Ids.number((byte[]) bytes));
    }

    private static Tid tid(@Nullable Object bytes) {
        return new Tid(Ids.number((byte[]) bytes));
    }

    private static @Nullable Tid tidOrNone(@Nullable Object bytes) {
        return bytes == null ? null : tid(bytes);
    }

    private void sendBlob(Oid oid, Tid serial) throws IOException {
        byte[] bytes = storage.blob(oid, serial);
        call("receiveBlobStart", Ids.bytes(oid), Ids.bytes(serial));
        for (int at = 0; at < bytes.length; at += BLOB_CHUNK) {
            byte[] chunk = java.util.Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + BLOB_CHUNK));
            call("receiveBlobChunk", Ids.bytes(oid), Ids.bytes(serial), chunk);
        }
        call("receiveBlobStop", Ids.bytes(oid), Ids.bytes(serial));
    }

    private @Nullable Object iterate(String method, List<?> a) {
        switch (method) {
            case "iterator_start" -> {
                Tid from = a.get(0) == null ? Tid.NONE : tid(a.get(0));
                Tid to = a.get(1) == null ? Tid.MAX : tid(a.get(1));
                iterators.put(
                        iteratorIds,
                        List.copyOf(storage.transactions()).stream()
                                .filter(transaction -> !from.isAfter(transaction.tid) && !transaction.tid.isAfter(to))
                                .iterator());
                return iteratorIds++;
            }
            case "iterator_next" -> {
                Kept next = (Kept) next((Long) a.get(0));
                if (next == null) {
                    given.remove((Long) a.get(0));
                    return null;
                }
                given.put((Long) a.get(0), next);
                return Tuple.of(Ids.bytes(next.tid), next.status, next.user, next.description, next.extension);
            }
            case "iterator_record_start" -> {
                Kept at = given.get((Long) a.get(0));
                if (at == null || !at.tid.equals(tid(a.get(1)))) {
                    throw new Raised("builtins.Exception", Tuple.of("Out-of-order request for record iterator"));
                }
                iterators.put(
                        iteratorIds,
                        at.entries.stream().map(entry -> row(at, entry)).iterator());
                return iteratorIds++;
            }
            case "iterator_record_next" -> {
                return next((Long) a.get(0));
            }
            default -> {
                ((List<?>) a.get(0)).forEach(iterators::remove);
                return null;
            }
        }
    }

    private static Tuple row(Kept transaction, Entry entry) {
        return Tuple.of(
                Ids.bytes(entry.oid()),
                Ids.bytes(transaction.tid),
                entry.data(),
                entry.origin() == null ? null : Ids.bytes(entry.origin()));
    }

    private @Nullable Object next(Long iterator) {
        Iterator<?> found = iterators.get(iterator);
        if (found == null) {
            throw new Raised("builtins.KeyError", Tuple.of(iterator));
        }
        if (found.hasNext()) {
            return found.next();
        }
        iterators.remove(iterator);
        return null;
    }

    private @Nullable Object commit(Object id, String method, List<?> a) throws IOException {
        switch (method) {
            case "tpc_begin" -> {
                Tid tid = tidOrNone(a.get(4));
                begun = new Begun(
                        a.get(0),
                        new Kept(
                                tid == null ? Tid.next(storage.last(), java.time.Instant.now()) : tid,
                                (String) a.get(5),
                                (byte[]) a.get(1),
                                (byte[]) a.get(2),
                                (Map<?, ?>) a.get(3)));
                return null;
            }
            case "storea" -> {
                required(a.get(3)).changes.add(change("store", a));
                return null;
            }
            case "restorea" -> {
                required(a.get(4))
                        .changes
                        .add(new Change(
                                "restore", oid(a.get(0)), tid(a.get(1)), (byte[]) a.get(2), tidOrNone(a.get(3))));
                return null;
            }
            case "storeBlobStart" -> {
                if (blob != null) {
                    throw new Raised("builtins.AssertionError", Tuple.EMPTY);
                }
                blob = new ByteArrayOutputStream();
                return null;
            }
            case "storeBlobChunk" -> {
                blob.write((byte[]) a.get(0));
                return null;
            }
            case "storeBlobEnd" -> {
                Begun open = required(a.get(3));
                open.blobs.add(0, change("store", a));
                open.files.put(oid(a.get(0)), blob.toByteArray());
                blob = null;
                return null;
            }
            case "vote" -> {
                required(a.get(0));
                server.lock(this, () -> vote(id));
                return LATER;
            }
            case "tpc_finish" -> {
                return finish(a.get(0));
            }
            case "tpc_abort" -> {
                if (begun != null && begun.id.equals(a.get(0))) {
                    begun = null;
                    server.unlock(this);
                }
                return null;
            }
            default -> throw new IOException("there is no method " + method);
        }
    }

    private static Change change(String kind, List<?> a) {
        return new Change(kind, oid(a.get(0)), tid(a.get(1)), (byte[]) a.get(2), null);
    }

    private Begun required(@Nullable Object id) {
        Begun open = begun;
        if (open == null || !open.id.equals(id)) {
            throw new Raised("ZODB.POSException.StorageTransactionError", Tuple.of(open == null ? null : open.id, id));
        }
        return open;
    }

    /** Replays what was buffered; the blobs' own records come last. */
    private void vote(Object request) {
        Begun open = begun;
        Message reply;
        if (open == null) {
            server.unlock(this);
            return;
        }
        try {
            open.changes.forEach(change -> apply(open, change));
            open.blobs.forEach(change -> apply(open, change));
            reply = Message.result(request, List.of());
        } catch (Raised e) {
            begun = null;
            server.unlock(this);
            reply = Message.error(request, e.className, e.details);
        }
        sendOrEnd(codec.encode(reply));
    }

    private void apply(Begun open, Change change) {
        storage.seen(change.oid());
        if (change.kind().equals("restore")) {
            open.transaction.entries.add(storage.restored(change.oid(), change.data(), change.origin()));
            return;
        }
        Tid current = storage.current(change.oid());
        if (!current.equals(Tid.NONE) && !current.equals(change.tid())) {
            throw new Raised(
                    "ZODB.POSException.ConflictError",
                    Map.of(
                            "message", "database conflict error",
                            "oid", Ids.bytes(change.oid()),
                            "serials", Tuple.of(Ids.bytes(current), Ids.bytes(change.tid()))));
        }
        open.transaction.entries.add(new Entry(change.oid(), change.data(), null));
        open.invalidated.add(change.oid());
    }

    private byte @Nullable [] finish(@Nullable Object id) throws IOException {
        Begun open = begun;
        if (open == null || !open.id.equals(id)) {
            return null;
        }
        if (!server.isLockedBy(this)) {
            throw new Raised("builtins.AssertionError", Tuple.of("finished called wo lock"));
        }
        // What others are told they may know before this client does.
        server.tell(this, open.transaction.tid, open.invalidated);
        storage.add(open.transaction, open.files);
        call("info", Map.of("length", storage.objects(), "size", storage.bytes()));
        begun = null;
        server.unlock(this);
        return Ids.bytes(open.transaction.tid);
    }

    long startedIterators() {
        return iteratorIds;
    }

    int openIterators() {
        return iterators.size();
    }

    void invalidate(Tid tid, List<Oid> oids) {
        if (readOnly != null) {
            sendOrEnd(codec.encode(Message.oneWay(
                    "invalidateTransaction",
                    Ids.bytes(tid),
                    oids.stream().map(Ids::bytes).toList())));
        }
    }

    private void call(String method, Object... arguments) throws IOException {
        write(codec.encode(Message.oneWay(method, arguments)));
    }

    private void sendOrEnd(byte[] message) {
        try {
            write(message);
        } catch (IOException e) {
            close();
        }
    }

    private synchronized void write(byte[] message) throws IOException {
        out.writeInt(message.length);
        out.write(message);
        out.flush();
    }

    void close() {
        PythonServer.quietly(socket);
    }
}
