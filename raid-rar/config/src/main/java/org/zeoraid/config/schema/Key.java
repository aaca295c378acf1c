package org.zeoraid.config.schema;

import java.util.List;
import java.util.Optional;

/**
 * A key that a section may have: at most once, unless it is one of {@link #several}.
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
    private final Use use;

    /** What becomes of its values. */
    private sealed interface Use {

        /** It is read, and stands once. */
        record Single() implements Use {}

        /** It is read, and each line adds to the list that is its value. */
        record Several() implements Use {}

        record Meaningless(String reason) implements Use {}

        record Refused(String advice) implements Use {}
    }

    private Key(String name, ValueType<T> type, Absence absence, Optional<T> fallback, Use use) {
        this.name = name;
        this.type = type;
        this.absence = absence;
        this.fallback = fallback;
        this.use = use;
    }

    /** A key that must be there. */
    public static <T> Key<T> required(String name, ValueType<T> type) {
        return new Key<>(name, type, Absence.REFUSED, Optional.empty(), new Use.Single());
    }

    /** A key that can be missing; ask for it with {@link Section#find}. */
    public static <T> Key<T> optional(String name, ValueType<T> type) {
        return new Key<>(name, type, Absence.ALLOWED, Optional.empty(), new Use.Single());
    }

    /** A key that has this value where it is missing. */
    public static <T> Key<T> withDefault(String name, ValueType<T> type, T fallback) {
        return new Key<>(name, type, Absence.ALLOWED, Optional.of(fallback), new Use.Single());
    }

    /** A key that must be there and may stand several times: its value is the list of what its lines say, in their order. */
    public static <T> Key<List<T>> several(String name, ValueType<T> type) {
        return new Key<>(
                name,
                Values.type(type.expected(), (text, folder) -> List.of(type.read(text, folder))),
                Absence.REFUSED,
                Optional.empty(),
                new Use.Several());
    }

    /**
     * A key that other servers know, and that must not stand here: going on without it would not be what its author meant.
     *
     * @param advice why, and what to do instead
     */
    public static Key<String> refused(String name, String advice) {
        return new Key<>(name, Values.TEXT, Absence.ALLOWED, Optional.empty(), new Use.Refused(advice));
    }

    /**
     * A key that other servers know and that means nothing here: any value is accepted, and told of.
     *
     * @param reason why it means nothing, or what does the same here
     */
    public static Key<String> meaningless(String name, String reason) {
        return new Key<>(name, Values.TEXT, Absence.ALLOWED, Optional.empty(), new Use.Meaningless(reason));
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

    /** Whether it may stand several times. */
    public boolean isRepeatable() {
        return use instanceof Use.Several;
    }

    /** Whether it is read, being neither meaningless nor refused. */
    public boolean isMeaningful() {
        return meaningless().isEmpty() && refusal().isEmpty();
    }

    /** Why the key means nothing here; empty if it means something, or is refused. */
    public Optional<String> meaningless() {
        return use instanceof Use.Meaningless meaningless ? Optional.of(meaningless.reason()) : Optional.empty();
    }

    /** Why the key must not stand here; empty if it may. */
    public Optional<String> refusal() {
        return use instanceof Use.Refused refused ? Optional.of(refused.advice()) : Optional.empty();
    }
}
