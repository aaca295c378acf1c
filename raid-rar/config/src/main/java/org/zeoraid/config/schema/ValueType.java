package org.zeoraid.config.schema;

import java.nio.file.Path;

/**
 * A kind of value. Stateless; safe for any number of threads.
 *
 * @param <T> what a value becomes
 */
public interface ValueType<T> {

    /** What is expected, as it is put behind "expected" in a message: {@code a byte size such as 512KB or 20MB}. */
    String expected();

    /**
     * Reads a value.
     *
     * @param text not empty, without blanks around it
     * @param folder what a relative path starts from
     * @throws IllegalArgumentException if the text is no such value; a message that says more than {@link #expected} is
     *     shown to the admin, a blank one is not
     */
    T read(String text, Path folder);
}
