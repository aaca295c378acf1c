package org.zeoraid.storage;

/** The status of a transaction in the database's history, with ZODB's own letter for it. */
public enum TransactionStatus {
    COMMITTED(' '),
    /** Committed, and a pack has been over it: records may be missing, and it cannot be undone. */
    PACKED('p');

    private final char letter;

    TransactionStatus(char letter) {
        this.letter = letter;
    }

    public char letter() {
        return letter;
    }
}
