package org.zeoraid.array;

import org.zeoraid.storage.StorageUnavailableException;

/** A member was not asked, as too many questions wait for it already. That is no fault of it: reads that hang are found by their age. */
final class UnaskedException extends StorageUnavailableException {
    private static final long serialVersionUID = 1L;

    UnaskedException(Seat seat) {
        super("too many questions wait for member " + seat);
    }
}
