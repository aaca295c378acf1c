package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.zeo.codec.PythonObject;
import org.zeoraid.zeo.codec.Tuple;
import org.zeoraid.zeo.server.ServerOptions.Encoding;

/** What Zope's undo tab asks for. */
class UndoListTest {

    @TempDir
    Path folder;

    private final AtomicInteger asked = new AtomicInteger();
    private long oids;
    private Served served;
    private Peer peer;

    @BeforeEach
    void serve() throws IOException {
        served = new Served(
                folder,
                options -> options.encoding(Encoding.PICKLE),
                storage -> Offering.of(Intercepted.storage(storage, (method, arguments, call) -> {
                    if (method.equals("undoLog")) {
                        asked.incrementAndGet();
                    }
                    return call.go();
                })));
        peer = Peer.connect(served.address, 'Z').shakeHands();
        peer.call("register", "1", false);
    }

    @AfterEach
    void stop() throws IOException {
        peer.close();
        served.close();
    }

    private void commit(String user, String description) {
        StorageTransaction transaction = served.storage.begin(TransactionMeta.of(user, description));
        transaction.store(new Oid(++oids), Tid.NONE, new byte[1]);
        transaction.vote().toCompletableFuture().join();
        transaction.finish().toCompletableFuture().join();
    }

    private List<String> descriptions(long first, long last, Map<?, ?> filter) throws IOException {
        List<String> found = new ArrayList<>();
        for (Object row : (List<?>) peer.call("undoInfo", first, last, filter)) {
            found.add(new String((byte[]) ((Map<?, ?>) row).get("description"), StandardCharsets.UTF_8));
        }
        return found;
    }

    /** As Python's package ZopeUndo pickles it, and as it could be called. */
    private static List<PythonObject> prefixes(String path) {
        List<Object> parts = List.of((Object[]) path.split("/", -1));
        return List.of(
                new PythonObject(PythonObject.PREFIX, List.of(), Map.of("length", (long) parts.size(), "path", parts)),
                new PythonObject(PythonObject.PREFIX, List.of(path)));
    }

    @Test
    void transactionsAreFoundByTheBeginningsOfPaths() throws IOException {
        commit("/acl_users admin", "/");
        commit("/acl_users admin", "/a/manage_edit");
        commit("/a/acl_users editor", "/a");
        commit("/acl_users admin", "/a/b/manage_edit\n\n/a/c/manage_edit");
        commit("/acl_users admin", "/ab/manage_edit");

        for (PythonObject below : prefixes("/a")) {
            assertThat(descriptions(0, -20, Map.of("description", below)))
                    .containsExactly("/a/b/manage_edit\n\n/a/c/manage_edit", "/a", "/a/manage_edit");
        }
        for (PythonObject users : prefixes("/a/acl_users")) {
            assertThat(descriptions(0, -20, Map.of("user_name", users))).containsExactly("/a");
        }
        for (PythonObject deeper : prefixes("/a/b/manage_edit/x/y")) {
            assertThat(descriptions(0, -20, Map.of("description", deeper))).isEmpty();
        }
        assertThat(descriptions(1, 3, Map.of("description", prefixes("/a").get(0))))
                .containsExactly("/a", "/a/manage_edit");
        assertThat(peer.error("undoInfo", 0L, 1L, Map.of("size", new PythonObject(PythonObject.PREFIX, List.of())))
                        .get(0))
                .isEqualTo("builtins.TypeError");
    }

    @Test
    void whatIsFarBackIsFoundWithoutReadingTheRestAgainAndAgain() throws IOException {
        commit("user", "rare");
        for (int i = 0; i < 3_000; i++) {
            commit("user", "common " + i);
        }
        byte[] rare = "rare".getBytes(StandardCharsets.UTF_8);

        assertThat(descriptions(0, -20, Map.of("description", rare))).containsExactly("rare");
        // The server itself has asked once.
        assertThat(asked).hasValueLessThan(6);
        assertThat((List<?>) peer.call("undoLog", 2_999L, 4_000L)).hasSize(2);
        assertThat((List<?>) peer.call("undoLog", 5_000L, -20L)).isEqualTo(Tuple.EMPTY);
        assertThat((List<?>) peer.call("undoLog", 0L, Long.MIN_VALUE)).isEqualTo(Tuple.EMPTY);
        assertThat((List<?>) peer.call("undoLog", Long.MAX_VALUE, -20L)).isEqualTo(Tuple.EMPTY);
    }
}
