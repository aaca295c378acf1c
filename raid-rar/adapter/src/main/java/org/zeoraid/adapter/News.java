package org.zeoraid.adapter;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.zeoraid.api.RaidListener;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayStatus;

/**
 * What a listener is still to be told, bounded: too many objects become one word that everything may have changed, and of
 * states only the last one counts. Safe for any number of threads.
 */
final class News {
    /** A call of the listener. */
    sealed interface Item {
        void tell(RaidListener listener);

        record Dropped(String array) implements Item {
            @Override
            public void tell(RaidListener listener) {
                listener.cachesDropped(array);
            }
        }

        record Invalidated(String array, Tid tid, List<Oid> oids) implements Item {
            @Override
            public void tell(RaidListener listener) {
                listener.invalidated(array, tid, oids);
            }
        }

        record State(ArrayStatus status) implements Item {
            @Override
            public void tell(RaidListener listener) {
                listener.stateChanged(status);
            }
        }
    }

    private final String array;
    private final int capacity;
    /** In the order of their tids. */
    private final Deque<Item.Invalidated> transactions = new ArrayDeque<>();

    /** Of all of them together. */
    private int waitingObjects;

    private @Nullable Item dropped;
    private @Nullable Item state;

    News(String array, int capacity) {
        this.array = array;
        this.capacity = capacity;
    }

    synchronized void invalidated(Tid tid, List<Oid> oids) {
        if (weight(oids) > capacity - waitingObjects) {
            cachesDropped();
        } else {
            waitingObjects += weight(oids);
            transactions.add(new Item.Invalidated(array, tid, oids));
        }
    }

    /** Nothing needs to be told of the transactions before. */
    synchronized void cachesDropped() {
        transactions.clear();
        waitingObjects = 0;
        dropped = new Item.Dropped(array);
    }

    synchronized void stateChanged(ArrayStatus status) {
        state = new Item.State(status);
    }

    /** What is to be told next, until it is {@link #told}. */
    synchronized Optional<Item> next() {
        if (dropped != null) {
            return Optional.of(dropped);
        }
        Item transaction = transactions.peek();
        return Optional.ofNullable(transaction == null ? state : transaction);
    }

    /** Something has been told; what has come into its place meanwhile has not. */
    @SuppressWarnings("ReferenceEquality")
    synchronized void told(Item item) {
        if (dropped == item) {
            dropped = null;
        } else if (transactions.peek() == item && item instanceof Item.Invalidated invalidated) {
            transactions.remove();
            waitingObjects -= weight(invalidated.oids());
        } else if (state == item) {
            state = null;
        }
    }

    private static int weight(List<Oid> oids) {
        return Math.max(1, oids.size());
    }
}
