package org.zeoraid.zeo;

/**
 * The calls that our servers know beside ZEO's. A client tells who it is by {@code set_client_label} with a label that
 * begins with {@link #LABEL}; our server answers that with a dictionary of what it offers, where Python's answers None
 * and knows none of the calls.
 *
 * <pre>
 * zeoraid_append(previous, transactions)    (how many are durable, None or an error's code, its text)
 * zeoraid_open(kind, from, to)              a cursor's number
 * zeoraid_next(cursor, bytes)               the next elements; none at the end
 * zeoraid_close(cursor)                     one-way
 * zeoraid_serials(oids)                     the serial of each one's latest record, a deletion's too; 8 zero bytes if none
 * zeoraid_stats()                           (objects, bytes, largest oid)
 * zeoraid_history(oid, how many)            transactions without records; the size is the revision's
 * zeoraid_undo_log(skip, how many)          transactions without records
 * zeoraid_packed_to()                       a tid; None if it is not known
 * zeoraid_pack(tid, garbage, later)         (bytes before, bytes after, records dropped, note, garbage, later): later is the
 *                                           last transaction whose references counted, or None; with it and garbage another
 *                                           storage of the same history forgets the same
 * </pre>
 *
 * Transactions are {@link Rows}. Kinds of cursors are {@link #TRANSACTIONS}, {@link #DIGESTS}, {@link #HEADERS}, {@link #RECORDS} and {@link
 * #CURRENT}; the last one goes from oid to oid.
 */
public final class Extension {

    /** What the label of a client that knows these calls begins with. */
    public static final String LABEL = "zeoraid";

    /** In the answer to the label: which version of these calls it is, a number. */
    public static final String VERSION = "zeoraid";

    /** In the answer to the label: what tells the storage from all others, a text. */
    public static final String IDENTITY = "identity";

    public static final String APPEND = "zeoraid_append";
    public static final String OPEN = "zeoraid_open";
    public static final String NEXT = "zeoraid_next";
    public static final String CLOSE = "zeoraid_close";
    public static final String SERIALS = "zeoraid_serials";
    public static final String STATS = "zeoraid_stats";
    public static final String HISTORY = "zeoraid_history";
    public static final String UNDO_LOG = "zeoraid_undo_log";
    public static final String PACKED_TO = "zeoraid_packed_to";
    public static final String PACK = "zeoraid_pack";

    public static final String TRANSACTIONS = "transactions";
    public static final String DIGESTS = "digests";
    public static final String HEADERS = "headers";

    /** The records of one transaction, named as begin and end. */
    public static final String RECORDS = "records";

    public static final String CURRENT = "current";

    private Extension() {}
}
