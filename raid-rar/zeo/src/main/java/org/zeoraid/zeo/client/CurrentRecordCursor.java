package org.zeoraid.zeo.client;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.zeo.codec.Ids;

/**
 * Current records by {@code record_iternext}, one a request, as each answer tells what to ask next. Python's server fails
 * on an object whose creation was undone or that was deleted: that one is left out.
 */
final class CurrentRecordCursor extends PacedCursor<CurrentRecord> {

    private static final long ROOM_BYTES = 2 * ENOUGH_BYTES;

    private Oid next;
    private boolean underWay;

    CurrentRecordCursor(ServerChannel channel, Oid from) {
        super(channel);
        this.next = from;
    }

    @Override
    long size(CurrentRecord current) {
        return current.data().length;
    }

    @Override
    void fill() {
        if (!underWay && readyBytes() < ROOM_BYTES) {
            underWay = true;
            channel().call("record_iternext", (Object) Ids.bytes(next)).whenComplete(this::answered);
        }
    }

    private void answered(@Nullable Object value, @Nullable Throwable failure) {
        underWay = false;
        if (failure != null && Failures.cause(failure) instanceof RemoteException remote) {
            if (remote.isMissingObject()) {
                skip(remote.oid());
            } else {
                // How Python says that nothing is there from that oid on.
                ended();
            }
        } else if (failure != null) {
            failed(failure);
        } else {
            try {
                List<?> row = Values.row(value, 4);
                arrived(List.of(
                        new CurrentRecord(Values.oid(row.get(0)), Values.tid(row.get(1)), Values.data(row.get(2)))));
                if (row.get(3) == null) {
                    ended();
                } else {
                    next = Values.oid(row.get(3));
                }
            } catch (RuntimeException e) {
                failed(e);
            }
        }
        proceed();
    }

    private void skip(@Nullable Oid told) {
        Oid gone = told == null || told.compareTo(next) < 0 ? next : told;
        if (gone.equals(Oid.MAX)) {
            ended();
        } else {
            next = gone.next();
        }
    }

    @Override
    void release() {
        // The server holds nothing for it.
    }
}
