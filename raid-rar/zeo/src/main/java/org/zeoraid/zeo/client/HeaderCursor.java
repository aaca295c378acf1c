package org.zeoraid.zeo.client;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.zeo.codec.Ids;

/**
 * Headers of transactions by one of the server's iterators, with many requests under way. Behind the end a server
 * answers the first request with None and, as the iterator is gone then, the others with errors, which it logs: so there
 * are few at first, and the more the longer it lasts.
 */
final class HeaderCursor extends PacedCursor<TransactionHeader> {

    private static final int AT_ONCE = 20;
    private static final int ROOM = 200;
    private static final long FIXED_BYTES = 24;

    private final Tid from;
    private final Tid to;
    private final int most;
    private @Nullable Long iterator;
    private boolean starting;
    private boolean exhausted;
    private int window = 1;
    private int underWay;

    HeaderCursor(ServerChannel channel, Tid from, Tid to) {
        this(channel, from, to, AT_ONCE);
    }

    /** @param most how many requests there may be under way at once */
    HeaderCursor(ServerChannel channel, Tid from, Tid to, int most) {
        super(channel);
        this.from = from;
        this.to = to;
        this.most = most;
    }

    @Override
    long size(TransactionHeader header) {
        TransactionMeta meta = header.meta();
        return FIXED_BYTES + meta.user().length + meta.description().length + meta.extension().length;
    }

    @Override
    void fill() {
        if (iterator == null) {
            if (!starting) {
                starting = true;
                channel()
                        .ask("iterator_start", Values::number, Ids.bytes(from), Ids.bytes(to))
                        .whenComplete(this::started);
            }
            return;
        }
        if (exhausted || underWay >= window || !hasRoom()) {
            return;
        }
        ServerChannel.Batch batch = channel().new Batch();
        while (underWay < window && hasRoom()) {
            underWay++;
            batch.call("iterator_next", iterator).whenComplete(this::answered);
        }
        channel().send(batch);
    }

    private boolean hasRoom() {
        return isAwaited() || readyCount() + underWay < ROOM;
    }

    private void started(@Nullable Long number, @Nullable Throwable failure) {
        iterator = number;
        if (failure != null) {
            failed(failure);
        } else if (isOver()) {
            release();
        }
        proceed();
    }

    private void answered(@Nullable Object row, @Nullable Throwable failure) {
        underWay--;
        if (exhausted) {
            return;
        }
        if (failure != null) {
            failed(failure);
        } else if (row == null) {
            exhausted = true;
            ended();
        } else if (!isOver()) {
            try {
                TransactionHeader header = header(row);
                arrived(List.of(header));
                window = Math.min(most, window + 1);
                if (header.tid().equals(to)) {
                    release();
                    ended();
                }
            } catch (RuntimeException e) {
                failed(e);
            }
        }
        proceed();
    }

    static TransactionHeader header(@Nullable Object value) {
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
    void release() {
        if (iterator != null && !exhausted) {
            exhausted = true;
            channel().send(channel().new Batch().oneWay("iterator_gc", List.of(iterator)));
        }
    }
}
