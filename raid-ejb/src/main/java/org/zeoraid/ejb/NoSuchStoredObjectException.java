package org.zeoraid.ejb;

import jakarta.ejb.ApplicationException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;

/** There is no such object in the snapshot that the transaction sees. The transaction goes on. */
@ApplicationException(rollback = false)
public final class NoSuchStoredObjectException extends StoreException {

    private final Oid oid;

    public NoSuchStoredObjectException(ObjectNotFoundException failure) {
        super(failure);
        this.oid = failure.oid();
    }

    public Oid oid() {
        return oid;
    }
}
