package org.zeoraid.raidctl.copy;

import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.ReadableStorage;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;

/** A file, or a server behind its protocol: whole transactions are appended. */
record LogEnd(TransactionLog log, Runnable release) implements End {

    private static final int DEPTH = 256;

    @Override
    public ReadableStorage content() {
        return log;
    }

    @Override
    public CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        return log.append(previous, transaction);
    }

    @Override
    public int depth() {
        return DEPTH;
    }

    @Override
    public void close() {
        try {
            log.close();
        } finally {
            release.run();
        }
    }
}
