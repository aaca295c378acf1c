package org.zeoraid.storage;

/** There is no such object, or it was deleted; ZODB's POSKeyError. */
public final class ObjectNotFoundException extends StorageException {

    private final Oid oid;

    public ObjectNotFoundException(Oid oid) {
        super("not-found", Retry.NEVER, "no object " + oid);
        this.oid = oid;
    }

    public ObjectNotFoundException(Oid oid, Tid serial) {
        super("not-found", Retry.NEVER, "no revision " + serial + " of object " + oid);
        this.oid = oid;
    }

    public Oid oid() {
        return oid;
    }
}
