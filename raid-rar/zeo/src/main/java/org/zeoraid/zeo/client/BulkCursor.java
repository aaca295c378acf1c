package org.zeoraid.zeo.client;

import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.zeoraid.zeo.Extension;

/** Many elements a message out of a server of our own, and the next messages on their way while one is worked on. */
final class BulkCursor<T> extends PacedCursor<T> {

    private static final long MESSAGE_BYTES = 1 << 20;
    private static final int AHEAD = 4;
    private static final long ROOM_BYTES = 2 * ENOUGH_BYTES;

    private final String kind;
    private final byte[] from;
    private final byte[] to;
    private final Function<@Nullable Object, T> reader;
    private final ToLongFunction<T> sizes;
    private @Nullable Long cursor;
    private boolean opening;
    private boolean first = true;
    private int underWay;

    BulkCursor(
            ServerChannel channel,
            String kind,
            byte[] from,
            byte[] to,
            Function<@Nullable Object, T> reader,
            ToLongFunction<T> sizes) {
        super(channel);
        this.kind = kind;
        this.from = from;
        this.to = to;
        this.reader = reader;
        this.sizes = sizes;
    }

    @Override
    long size(T element) {
        return sizes.applyAsLong(element);
    }

    @Override
    void fill() {
        if (cursor == null) {
            if (!opening) {
                opening = true;
                channel()
                        .ask(Extension.OPEN, Values::number, kind, from, to)
                        .whenComplete((number, failure) -> opened(number, failure));
            }
            return;
        }
        // Whoever wants only the first few is not sent more.
        int ahead = first ? 1 : AHEAD;
        while (underWay < ahead && readyBytes() + underWay * MESSAGE_BYTES < ROOM_BYTES && (underWay == 0 || !first)) {
            underWay++;
            long bytes = first ? Math.min(Math.max(wanted(), 1), MESSAGE_BYTES) : MESSAGE_BYTES;
            channel()
                    .ask(Extension.NEXT, Values::list, cursor, bytes)
                    .whenComplete((rows, failure) -> answered(rows, failure));
            if (first) {
                return;
            }
        }
    }

    private void opened(@Nullable Long number, @Nullable Throwable failure) {
        cursor = number;
        if (failure != null) {
            failed(failure);
        } else if (isOver()) {
            release();
        }
        proceed();
    }

    private void answered(@Nullable List<?> rows, @Nullable Throwable failure) {
        underWay--;
        if (failure != null || rows == null) {
            failed(failure == null ? new IllegalStateException("no rows") : failure);
        } else if (rows.isEmpty()) {
            ended();
            release();
        } else if (!isOver()) {
            first = first && wanted() < MESSAGE_BYTES && readyCount() == 0 && underWay > 0;
            try {
                arrived(rows.stream().map(row -> reader.apply(row)).toList());
            } catch (RuntimeException e) {
                failed(e);
            }
        }
        proceed();
    }

    @Override
    void release() {
        if (cursor != null) {
            channel().send(channel().new Batch().oneWay(Extension.CLOSE, cursor));
            cursor = null;
        }
    }
}
