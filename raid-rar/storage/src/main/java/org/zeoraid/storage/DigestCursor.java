package org.zeoraid.storage;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Digests of the transactions that another cursor gives. */
final class DigestCursor implements Cursor<TransactionDigest> {

    private final Cursor<CommittedTransaction> transactions;

    DigestCursor(Cursor<CommittedTransaction> transactions) {
        this.transactions = transactions;
    }

    @Override
    public CompletionStage<List<TransactionDigest>> next(long maxBytes) {
        return transactions
                .next(maxBytes)
                .thenApply(batch -> batch.stream().map(TransactionDigest::of).toList());
    }

    @Override
    public void close() {
        transactions.close();
    }
}
