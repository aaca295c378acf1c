package org.zeoraid.zeo.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.Extension;
import org.zeoraid.zeo.Rows;
import org.zeoraid.zeo.codec.Ids;

/** Several whole transactions in one message to a server of our own. Blocks its thread. */
final class BatchUpload {

    /**
     * What became of them.
     *
     * @param done how many, from the first on, are durable
     * @param failure why the next is not, or may be; nothing if all are
     */
    record Result(int done, @Nullable StorageException failure) {}

    private final ServerChannel channel;
    private final Tid previous;
    private final List<CommittedTransaction> transactions;

    BatchUpload(ServerChannel channel, Tid previous, List<CommittedTransaction> transactions) {
        this.channel = channel;
        this.previous = previous;
        this.transactions = transactions;
    }

    Result run() {
        ServerChannel.Batch batch = channel.new Batch();
        List<@Nullable Object> rows = new ArrayList<>(transactions.size());
        for (CommittedTransaction transaction : transactions) {
            rows.add(Rows.of(transaction));
        }
        CompletableFuture<@Nullable Object> answer = batch.call(Extension.APPEND, Ids.bytes(previous), rows);
        channel.send(batch);
        List<?> result;
        int done;
        try {
            result = Values.row(answer.join(), 3);
            done = (int) Values.number(result.get(0));
        } catch (RuntimeException e) {
            return new Result(0, failure(Failures.cause(e), batch));
        }
        if (done < 0 || done > transactions.size() || done < transactions.size() && result.get(1) == null) {
            return new Result(0, unknown(new IllegalStateException("an answer of " + done)));
        }
        return new Result(
                done,
                result.get(1) == null
                        ? null
                        : RemoteException.own(String.valueOf(result.get(1)), String.valueOf(result.get(2))));
    }

    private StorageException failure(Throwable failure, ServerChannel.Batch batch) {
        if (failure instanceof RemoteException remote) {
            // Refused before any of it was begun.
            return remote.asStorageException();
        }
        return batch.isSent() ? unknown(failure) : Failures.translated(failure);
    }

    private OutcomeUnknownException unknown(Throwable failure) {
        return new OutcomeUnknownException(
                "it is not known which of the transactions from "
                        + transactions.get(0).tid() + " on " + channel.location() + " has: " + failure.getMessage(),
                failure);
    }
}
