package org.zeoraid.zeo.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionStatus;

/**
 * Headers of transactions by one of the server's iterators, with many requests under way. Behind the end a server
 * answers the first request with None and, as the iterator is gone then, the others with an error.
 */
final class HeaderCursor implements Cursor<TransactionHeader> {

    private static final int AT_ONCE = 50;

    private final ZeoLog log;
    private final Tid from;
    private final Tid to;
    private @Nullable Long iterator;
    private boolean ended;

    HeaderCursor(ZeoLog log, Tid from, Tid to) {
        this.log = log;
        this.from = from;
        this.to = to;
    }

    @Override
    public CompletionStage<List<TransactionHeader>> next(long maxBytes) {
        if (ended) {
            return CompletableFuture.completedFuture(List.of());
        }
        return ZeoLog.translate(opened().thenCompose(this::ask));
    }

    private CompletionStage<Long> opened() {
        if (iterator != null) {
            return CompletableFuture.completedFuture(iterator);
        }
        return log.ask("iterator_start", Values::number, Values.bytes(from), Values.bytes(to))
                .thenApply(id -> {
                    iterator = id;
                    return id;
                });
    }

    private CompletionStage<List<TransactionHeader>> ask(Long id) {
        ServerChannel.Batch batch = log.channel().new Batch();
        List<CompletableFuture<@Nullable Object>> answers = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            answers.add(batch.call("iterator_next", id));
        }
        log.channel().send(batch);
        CompletionStage<List<TransactionHeader>> headers = CompletableFuture.completedFuture(new ArrayList<>());
        for (CompletableFuture<@Nullable Object> answer : answers) {
            headers = headers.thenCompose(list -> answer.handle((value, failure) -> {
                if (failure != null && !ended) {
                    throw ZeoLog.translated(failure);
                }
                if (failure != null || value == null) {
                    ended = true;
                } else {
                    list.add(header(value));
                }
                return list;
            }));
        }
        return headers;
    }

    static TransactionHeader header(Object value) {
        List<?> row = Values.row(value, 5);
        TransactionStatus status =
                "p".equals(text(row.get(1))) ? TransactionStatus.PACKED : TransactionStatus.COMMITTED;
        return new TransactionHeader(
                Values.tid(row.get(0)), status, Values.meta(row.get(2), row.get(3), row.get(4)), 0);
    }

    private static String text(@Nullable Object value) {
        return new String(Values.data(value), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        if (iterator != null && !ended) {
            ended = true;
            ServerChannel.Batch batch = log.channel().new Batch();
            log.channel().send(batch.oneWay("iterator_gc", List.of(iterator)));
        }
    }
}
