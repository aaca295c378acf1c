package org.zeoraid.zeo.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.zeo.codec.Tuple;

/**
 * What {@code undoLog} and {@code undoInfo} answer.
 *
 * @param filter attributes that a transaction's description must have, all of them
 */
record UndoList(Storage storage, Map<?, ?> filter) {

    private static final int PAGE = 200;
    private static final int MOST = 100_000;

    /** @param last a negative number asks for that many; else the index behind the last one */
    CompletionStage<Tuple> entries(long first, long last) {
        long from = Math.max(0, first);
        int count = (int) Math.max(0, Math.min(last < 0 ? -last : last - from, MOST));
        if (filter.isEmpty()) {
            return storage.undoLog((int) Math.min(from, Integer.MAX_VALUE), count)
                    .thenApply(headers ->
                            Tuple.of(headers.stream().map(UndoList::row).toArray()));
        }
        return collect(new Found(from, count)).thenApply(rows -> Tuple.of(rows.toArray()));
    }

    private static Map<Object, @Nullable Object> row(TransactionHeader header) {
        Map<Object, @Nullable Object> row = Python.describe(header.meta(), header.tid(), header.size());
        row.put("id", Python.undoId(header.tid()));
        return row;
    }

    private final class Found {
        private final int count;
        private final List<Object> rows = new ArrayList<>();
        private long skip;
        private int seen;

        Found(long skip, int count) {
            this.skip = skip;
            this.count = count;
        }

        /** Whether that was enough, or all. */
        boolean add(List<TransactionHeader> page) {
            for (TransactionHeader header : page) {
                Map<Object, @Nullable Object> row = row(header);
                if (rows.size() < count && matches(row) && skip-- <= 0) {
                    rows.add(row);
                }
            }
            seen += page.size();
            return rows.size() >= count || page.size() < PAGE;
        }
    }

    /** Page by page; those that are at hand in a loop, since there may be very many. */
    private CompletionStage<List<Object>> collect(Found found) {
        while (found.rows.size() < found.count) {
            CompletableFuture<List<TransactionHeader>> page =
                    storage.undoLog(found.seen, PAGE).toCompletableFuture();
            if (!page.isDone()) {
                return page.thenCompose(
                        more -> found.add(more) ? CompletableFuture.completedFuture(found.rows) : collect(found));
            }
            if (page.isCompletedExceptionally()) {
                return page.thenApply(never -> found.rows);
            }
            if (found.add(page.join())) {
                break;
            }
        }
        return CompletableFuture.completedFuture(found.rows);
    }

    private boolean matches(Map<?, ?> row) {
        return filter.entrySet().stream().allMatch(wanted -> same(row.get(wanted.getKey()), wanted.getValue()));
    }

    private static boolean same(@Nullable Object value, @Nullable Object wanted) {
        return value instanceof byte[] left && wanted instanceof byte[] right
                ? Arrays.equals(left, right)
                : Objects.equals(value, wanted);
    }
}
