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

    /** @param last a negative number asks for that many; else the index behind the last one */
    CompletionStage<Tuple> entries(long first, long last) {
        long from = Math.max(0, first);
        long count = Math.max(0, Math.min(last < 0 ? -last : last - from, 100_000));
        return collect(from, (int) count, 0, new ArrayList<>()).thenApply(rows -> Tuple.of(rows.toArray()));
    }

    private CompletionStage<List<Object>> collect(long skip, int count, int seen, List<Object> rows) {
        if (rows.size() >= count) {
            return CompletableFuture.completedFuture(rows);
        }
        return storage.undoLog(seen, PAGE).thenCompose(page -> {
            long left = skip;
            for (TransactionHeader header : page) {
                Map<Object, @Nullable Object> row = Python.describe(header.meta(), header.tid(), header.size());
                row.put("id", Python.undoId(header.tid()));
                if (matches(row) && left-- <= 0 && rows.size() < count) {
                    rows.add(row);
                }
            }
            return page.size() < PAGE
                    ? CompletableFuture.completedFuture(rows)
                    : collect(Math.max(0, left), count, seen + page.size(), rows);
        });
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
