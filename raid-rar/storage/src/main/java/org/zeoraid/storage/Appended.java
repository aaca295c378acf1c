package org.zeoraid.storage;

import java.util.Optional;

/**
 * What became of whole transactions that were to be appended one behind the other.
 *
 * @param count how many of them, from the first on, are committed
 * @param failure why the one after these is not, or, as {@link OutcomeUnknownException}, may be and those behind it too;
 *     empty if all are
 */
public record Appended(int count, Optional<StorageException> failure) {}
