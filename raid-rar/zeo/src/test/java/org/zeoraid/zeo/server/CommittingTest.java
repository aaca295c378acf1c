package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;

/** A client's transaction from begin to its end, whatever comes in between. */
class CommittingTest {

    @TempDir
    Path folder;

    /** Fails to begin transactions of one user, by an error of the program. */
    private static Storage failing(Storage storage) {
        return (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("begin")
                            && ((TransactionMeta) arguments[0]).userText().equals("nobody")) {
                        throw new IllegalStateException("a transaction of nobody");
                    }
                    try {
                        return method.invoke(storage, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void whatFailsBehindAVoteThatWaitsIsAnsweredAndWhatFollowsKeepsItsOrder() throws IOException {
        try (Served served = new Served(folder, options -> options, storage -> Offering.of(failing(storage)));
                Peer first = Peer.registered(served.address);
                Peer second = Peer.registered(served.address)) {
            first.begin(1, Tid.NONE, new byte[] {1});
            first.call("vote", 7L);
            second.begin(1, Tid.NONE, new byte[] {2});
            long vote = second.request("vote", 7L);
            long abort = second.request("tpc_abort", 7L);
            long begin = second.request("tpc_begin", 8L, "nobody".getBytes(), new byte[0], null, null, " ");
            long again = second.request("tpc_begin", 9L, new byte[0], new byte[0], null, null, " ");
            long other = second.request("vote", 9L);

            first.call("tpc_abort", 7L);

            assertThat(second.reply(vote).flag()).isZero();
            assertThat(second.reply(abort).flag()).isZero();
            assertThat(((List<?>) second.reply(begin).arguments()).toString()).contains("a transaction of nobody");
            assertThat(second.reply(again).flag()).isZero();
            assertThat(second.reply(other).flag()).isZero();
            second.call("tpc_abort", 9L);
            // As many requests as may be under way, and one more: none is counted that has ended.
            for (int i = 0; i < 1001; i++) {
                second.call("ping");
            }
        }
    }
}
