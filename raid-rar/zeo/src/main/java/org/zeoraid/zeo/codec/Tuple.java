package org.zeoraid.zeo.codec;

import java.util.AbstractList;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** A Python tuple: an immutable list, equal to any list of the same elements. */
public final class Tuple extends AbstractList<@Nullable Object> implements RandomAccess {

    /** The tuple of nothing. */
    public static final Tuple EMPTY = new Tuple(new @Nullable Object[0]);

    private final @Nullable Object[] items;

    private Tuple(@Nullable Object[] items) {
        this.items = items;
    }

    /** A tuple of these elements; the array is the tuple's from now on. */
    public static Tuple of(@Nullable Object... items) {
        return new Tuple(items);
    }

    @Override
    public @Nullable Object get(int index) {
        return items[index];
    }

    @Override
    public int size() {
        return items.length;
    }
}
