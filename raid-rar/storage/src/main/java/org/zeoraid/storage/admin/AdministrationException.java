package org.zeoraid.storage.admin;

/** An admin's request that is not carried out; the message says why and what to do instead. Nothing was changed. */
public final class AdministrationException extends RuntimeException {

    /** Why a request is refused. */
    public enum Refusal {
        /** There is no such array or member. */
        UNKNOWN,
        /** It does not fit the state that the array or member is in. */
        WRONG_STATE,
        /** The request itself cannot be understood. */
        INVALID
    }

    private final Refusal refusal;

    public AdministrationException(Refusal refusal, String message) {
        super(message);
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }
}
