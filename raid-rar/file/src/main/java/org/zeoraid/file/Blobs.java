package org.zeoraid.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/** The blob files that belong to a log. Safe for any number of threads. */
interface Blobs {

    /** Whether blobs are kept at all. */
    boolean isKept();

    /**
     * Puts the bytes of a transaction's blobs on stable storage, in files that nobody finds yet. Called before its
     * records are written.
     *
     * @throws IOException if that cannot be done; {@link #discard} is called then
     */
    void store(CommittedTransaction transaction) throws IOException;

    /**
     * Gives the files of all these transactions their names, on stable storage. Called before their records take effect.
     *
     * @param transactions each was stored
     * @throws IOException if that cannot be done; {@link #discard} is called for each then
     */
    void name(List<CommittedTransaction> transactions) throws IOException;

    /** Removes the files of a transaction that was not written after all; those it cannot remove are swept later. */
    void discard(CommittedTransaction transaction);

    /**
     * The file of a blob's revision, if there is one.
     *
     * @param data the object's record, which tells whether it is a blob's at all
     */
    Optional<BlobSource> find(Oid oid, Tid serial, byte[] data);

    /**
     * What is wrong with the file of a blob's revision, if anything is: missing, or not the one that was stored.
     *
     * @param data the object's record, which tells whether it is a blob's at all
     */
    Optional<String> damage(Oid oid, Tid serial, byte[] data);

    /**
     * Has the files of all transactions after one in a folder aside too, for these are about to be cut off. Until then they
     * stay where they are.
     *
     * @return removes them, once the transactions are gone; if that never happens nothing is removed
     */
    Removal cutTail(Tid keep, Path aside) throws IOException;

    /** Sets all files aside, to a folder, and goes on empty. */
    void setAside(Path aside) throws IOException;

    /** Takes notice that a transaction's records are durable. */
    void settled(CommittedTransaction transaction);

    /** Removes what an unclean stop left: files without a record, and those that a pack or a cut was about to remove. */
    void sweep(Existence records) throws IOException;

    /** Begins to list what a pack drops. */
    Removal beginRemoval();

    /** Knows which revisions there are. */
    interface Existence {
        boolean exists(Oid oid, Tid tid);

        /** Asks a log; where it is damaged, all may be there. */
        static Existence in(Lease lease) {
            return (oid, tid) -> {
                try {
                    return lease.generation().revision(lease.reader(), oid, tid) != 0;
                } catch (CorruptedException e) {
                    return true;
                }
            };
        }
    }

    /** The files of revisions that a pack drops, or that are cut off. For one thread at a time. */
    interface Removal {

        void add(long oid, long tid) throws IOException;

        /** Has the list on stable storage, before the revisions go. */
        void sync() throws IOException;

        /** Removes the files, after the revisions have gone; what it does not finish, the next opening does. */
        void carryOut(Existence records) throws IOException;

        /** Forgets the list, as the revisions stay. */
        void drop() throws IOException;
    }
}
