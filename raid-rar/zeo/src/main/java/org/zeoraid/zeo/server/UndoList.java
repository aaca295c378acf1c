package org.zeoraid.zeo.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.zeo.codec.PythonObject;
import org.zeoraid.zeo.codec.Tuple;

/**
 * What {@code undoLog} and {@code undoInfo} answer. No more than the last {@value #MOST} transactions are looked at.
 *
 * @param filter attributes that a transaction's description must have, all of them
 */
record UndoList(Session session, Map<?, ?> filter) {

    private static final int FIRST_LOOK = 256;

    /** Each look is at so many times as many transactions as the one before, so that all together cost little more than the last. */
    private static final int GROWTH = 8;

    private static final int MOST = 100_000;

    /** @param last a negative number asks for that many; else the index behind the last one */
    CompletionStage<Tuple> entries(long first, long last) {
        long from = Math.max(0, first);
        long count = Math.max(0, last < 0 ? -last : last - from);
        long wanted = from > MOST || count > MOST ? MOST : Math.min(MOST, from + count);
        return look(filter.isEmpty() ? wanted : Math.max(FIRST_LOOK, wanted), from, count);
    }

    private CompletionStage<Tuple> look(long transactions, long from, long count) {
        int asked = (int) Math.min(transactions, MOST);
        return session.storage().undoLog(0, asked).thenCompose(headers -> {
            List<Object> rows = new ArrayList<>();
            long skip = from;
            for (TransactionHeader header : headers) {
                if (rows.size() >= count) {
                    break;
                }
                Map<Object, @Nullable Object> row = Python.describe(header.meta(), header.tid(), header.size());
                row.put("id", Python.undoId(header.tid()));
                if (matches(row) && skip-- <= 0) {
                    rows.add(row);
                }
            }
            if (rows.size() < count && headers.size() == asked && asked < MOST) {
                return look(asked * (long) GROWTH, from, count);
            }
            Tid newest = headers.isEmpty() ? Tid.NONE : headers.get(0).tid();
            return session.inStep(newest, Tuple.of(rows.toArray()));
        });
    }

    private boolean matches(Map<?, ?> row) {
        return filter.entrySet().stream().allMatch(wanted -> same(row.get(wanted.getKey()), wanted.getValue()));
    }

    private static boolean same(@Nullable Object value, @Nullable Object wanted) {
        if (wanted instanceof PythonObject object && object.callable().equals(PythonObject.PREFIX)) {
            return PathPrefix.of(object).isAbove(value);
        }
        return value instanceof byte[] left && wanted instanceof byte[] right
                ? Arrays.equals(left, right)
                : Objects.equals(value, wanted);
    }
}
