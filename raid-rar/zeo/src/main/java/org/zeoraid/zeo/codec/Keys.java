package org.zeoraid.zeo.codec;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keys of dictionaries that come from a peer, who may choose them so that finding one takes long. */
final class Keys {

    /**
     * Keys of one class that share a hash are found by their order. One of another class is compared with all of them, so
     * there may be few.
     */
    private static final int FEW = 16;

    private Keys() {}

    /** @throws MalformedMessageException if the key is of no kind that keys have, or one of too many of several kinds */
    static void put(Map<@Nullable Object, @Nullable Object> map, @Nullable Object key, @Nullable Object value) {
        if (!(key instanceof String || key instanceof Long || key instanceof byte[])) {
            throw new MalformedMessageException("a dictionary's key that is neither text, bytes nor number");
        }
        if (map.size() >= FEW && map.keySet().iterator().next().getClass() != key.getClass()) {
            throw new MalformedMessageException(
                    "a dictionary of more than " + FEW + " entries with keys of several kinds");
        }
        map.put(key, value);
    }
}
