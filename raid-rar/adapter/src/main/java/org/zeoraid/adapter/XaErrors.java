package org.zeoraid.adapter;

import javax.transaction.xa.XAException;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.UndoException;

/** How the storage's errors are said in XA's codes. The storage's exception is always the cause. */
final class XaErrors {
    private XaErrors() {}

    static XAException protocol(int code, String message) {
        return with(code, message, null);
    }

    /** A branch that has been rolled back, or can only be rolled back, for this reason. */
    static XAException rolledBack(RuntimeException reason) {
        return with(rollbackCode(reason), "rolled back: " + reason.getMessage(), reason);
    }

    /**
     * Never XA_RBTRANSIENT nor XA_RBCOMMFAIL: transaction managers, Payara's among them, take these two for "ask again"
     * and do so for ten minutes while the application waits.
     */
    private static int rollbackCode(RuntimeException reason) {
        if (reason instanceof TransactionTimeoutException) {
            return XAException.XA_RBTIMEOUT;
        }
        if (reason instanceof UndoException) {
            return XAException.XA_RBINTEGRITY;
        }
        return reason instanceof ConflictException ? XAException.XA_RBROLLBACK : XAException.XA_RBOTHER;
    }

    /** A commit in one phase of which nobody can tell now what became of it. */
    static XAException unknown(OutcomeUnknownException reason) {
        return with(XAException.XA_HEURHAZ, "nobody can tell now whether it lasts: " + reason.getMessage(), reason);
    }

    /** A prepared branch that could not be committed now, and stays prepared. */
    static XAException retry(RuntimeException reason) {
        return with(XAException.XA_RETRY, "not committed yet, the branch stays: " + reason.getMessage(), reason);
    }

    static XAException with(int code, @Nullable String message, @Nullable Throwable cause) {
        XAException error = new XAException(message);
        error.errorCode = code;
        if (cause != null) {
            error.initCause(cause);
        }
        return error;
    }
}
