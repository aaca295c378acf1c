package org.zeoraid.config.schema;

import java.util.Optional;

/**
 * A key that a section may have, at most once.
 *
 * @param <T> what its value becomes
 */
public final class Key<T> {

    /** What becomes of a section in which the key is missing. */
    enum Absence {
        REFUSED,
        ALLOWED
    }

    private final String name;
    private final ValueType<T> type;
    private final Absence absence;
    private final Optional<T> fallback;
    private final Optional<String> meaningless;

    private Key(String name, ValueType<T> type, Absence absence, Optional<T> fallback, Optional<String> meaningless) {
        this.name = name;
        this.type = type;
        this.absence = absence;
        this.fallback = fallback;
        this.meaningless = meaningless;
    }

    /** A key that must be there. */
    public static <T> Key<T> required(String name, ValueType<T> type) {
        return new Key<>(name, type, Absence.REFUSED, Optional.empty(), Optional.empty());
    }

    /** A key that can be missing; ask for it with {@link Section#find}. */
    public static <T> Key<T> optional(String name, ValueType<T> type) {
        return new Key<>(name, type, Absence.ALLOWED, Optional.empty(), Optional.empty());
    }

    /** A key that has this value where it is missing. */
    public static <T> Key<T> withDefault(String name, ValueType<T> type, T fallback) {
        return new Key<>(name, type, Absence.ALLOWED, Optional.of(fallback), Optional.empty());
    }

    /**
     * A key that other servers know and that means nothing here: any value is accepted, and told of.
     *
     * @param reason why it means nothing, or what does the same here
     */
    public static Key<String> meaningless(String name, String reason) {
        return new Key<>(name, Values.TEXT, Absence.ALLOWED, Optional.empty(), Optional.of(reason));
    }

    /** In lower case. */
    public String name() {
        return name;
    }

    public ValueType<T> type() {
        return type;
    }

    public Optional<T> fallback() {
        return fallback;
    }

    public boolean isRequired() {
        return absence == Absence.REFUSED;
    }

    /** Why the key means nothing here; empty if it means something. */
    public Optional<String> meaningless() {
        return meaningless;
    }
}
