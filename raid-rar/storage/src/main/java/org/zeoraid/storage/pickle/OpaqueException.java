package org.zeoraid.storage.pickle;

/** A record cannot be read. Inside this package only, and cheap: there may be many such records. */
final class OpaqueException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String problem;

    OpaqueException(String problem) {
        super(problem, null, false, false);
        this.problem = problem;
    }

    String problem() {
        return problem;
    }
}
