package org.zeoraid.storage;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Somebody else changed what this transaction is based on. Retry the work from its start with fresh data. {@link
 * #isReadConflict()} tells that only checked reads, no writes, are concerned.
 */
public final class ConflictException extends StorageException {

    private static final int NAMED = 5;

    private final List<Conflict> conflicts;

    /** @param conflicts all of them, at least one */
    public ConflictException(List<Conflict> conflicts) {
        super("conflict", Retry.NOW, text(conflicts));
        this.conflicts = List.copyOf(conflicts);
    }

    /** The locks of an object could not be had in time; nothing is known to have changed. */
    public ConflictException(String message) {
        super("conflict", Retry.NOW, message);
        this.conflicts = List.of();
    }

    private static String text(List<Conflict> conflicts) {
        String some = conflicts.stream().limit(NAMED).map(Conflict::toString).collect(Collectors.joining("; "));
        return "conflict: " + some + (conflicts.size() > NAMED ? "; … " + conflicts.size() + " in all" : "");
    }

    public List<Conflict> conflicts() {
        return conflicts;
    }

    public boolean isReadConflict() {
        return !conflicts.isEmpty() && conflicts.stream().allMatch(c -> c.kind() == Conflict.Kind.READ);
    }
}
