package org.zeoraid.test;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.client.ZeoMember;
import org.zeoraid.zeo.client.ZeoOptions;

/** A ZEO client of a storage that this machine serves. */
final class ZeoClient implements AutoCloseable {
    private final SystemEnvironment environment = new SystemEnvironment("zeo-client");
    private final TransactionLog log;

    ZeoClient(int port, String storage) {
        InetSocketAddress address = InetSocketAddress.createUnresolved("localhost", port);
        try {
            log = get(new ZeoMember(ZeoOptions.of("client", storage, address), environment).open());
        } catch (RuntimeException e) {
            environment.close();
            throw e;
        }
    }

    Tid last() {
        return get(log.lastTid());
    }

    Revision load(Oid oid) {
        return get(log.loadBefore(oid, Tid.MAX)).orElseThrow();
    }

    /** Stores an object in a transaction of its own. */
    Tid store(Oid oid, byte[] data) {
        Tid last = last();
        Tid next = Tid.next(last, Instant.now());
        TransactionHeader header =
                new TransactionHeader(next, TransactionStatus.COMMITTED, TransactionMeta.of("zeo", "a test"), 0);
        get(log.append(last, CommittedTransaction.of(header, List.of(new DataRecord(oid, new Content.Data(data))))));
        return next;
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        log.close();
        environment.close();
    }
}
