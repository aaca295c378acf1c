package org.zeoraid.adapter;

import static javax.transaction.xa.XAResource.TMENDRSCAN;
import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSTARTRSCAN;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.adapter.MemoryArray.bytes;

import jakarta.resource.spi.ManagedConnection;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;

/** A server asks once, as it starts, for the branches of an array that cannot be opened yet. */
class RecoveryAtStartTest {
    @TempDir
    Path folder;

    private final RaidResourceAdapter before = adapter();
    private final RaidResourceAdapter now = adapter();

    @AfterEach
    void stop() {
        before.stop();
        now.stop();
    }

    @Test
    void theAnswerComesWhenTheArrayIsOpen() throws Exception {
        before.setDataDirectory(folder.toString());
        before.start(null);
        ManagedConnection connection = connect(before);
        Xid xid = new TestXid("t", "b");
        connection.getXAResource().start(xid, TMNOFLAGS);
        ((RaidConnection) connection.getConnection(null, null)).create(bytes("prepared"));
        connection.getXAResource().end(xid, TMSUCCESS);
        connection.getXAResource().prepare(xid);
        startBesideIt();

        CompletableFuture<Xid[]> recovered = recovery();
        before.stop();

        assertThat(recovered.join()).singleElement().satisfies(branch -> assertThat(branch.getGlobalTransactionId())
                .isEqualTo(xid.getGlobalTransactionId()));
    }

    @Test
    void whoStopsMeanwhileDoesNotWait() throws Exception {
        before.setDataDirectory(folder.toString());
        before.start(null);
        startBesideIt();

        CompletableFuture<Xid[]> recovered = recovery();
        now.stop();

        assertThatThrownBy(recovered::join)
                .isInstanceOf(CompletionException.class)
                .hasRootCauseInstanceOf(XAException.class);
    }

    private void startBesideIt() throws Exception {
        now.setDataDirectory(folder.toString());
        now.setStartSeconds(0);
        now.start(null);
    }

    /** Returns when it waits. */
    private CompletableFuture<Xid[]> recovery() throws Exception {
        XAResource xa = connect(now).getXAResource();
        CompletableFuture<Xid[]> answer = new CompletableFuture<>();
        Thread recovery = new Thread(() -> {
            try {
                answer.complete(xa.recover(TMSTARTRSCAN | TMENDRSCAN));
            } catch (XAException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        try (LogLines log = new LogLines()) {
            recovery.start();
            Awaitility.await().until(() -> log.lines().stream().anyMatch(line -> line.contains("waits for that")));
        }
        return answer;
    }

    private static RaidResourceAdapter adapter() {
        RaidResourceAdapter adapter = new RaidResourceAdapter();
        adapter.setZeoAddress("none");
        return adapter;
    }

    private static ManagedConnection connect(RaidResourceAdapter adapter) throws Exception {
        RaidManagedConnectionFactory factory = new RaidManagedConnectionFactory();
        factory.setResourceAdapter(adapter);
        return factory.createManagedConnection(null, null);
    }
}
