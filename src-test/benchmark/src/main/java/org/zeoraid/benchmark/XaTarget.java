package org.zeoraid.benchmark;

import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;

/** Something that takes part in distributed transactions, while it is measured. */
interface XaTarget extends AutoCloseable {

    String name();

    /** A connection of its own, with an object of its own that is there already. */
    Client client() throws Exception;

    /** The resource of a connection, and what is done in a transaction with it. */
    interface Client {

        XAResource resource();

        /** Rewrites the object; {@link XAResource#start} has been called. */
        void change() throws Exception;

        /** Called after what makes a decision durable, for those that do not sync by themselves. */
        default void sync() throws Exception {}
    }

    /** One transaction in two phases, without a transaction manager. */
    static void commit(Client client) {
        XAResource resource = client.resource();
        Branch branch = Branch.next();
        try {
            resource.start(branch, XAResource.TMNOFLAGS);
            client.change();
            resource.end(branch, XAResource.TMSUCCESS);
            if (resource.prepare(branch) != XAResource.XA_OK) {
                throw new IllegalStateException("nothing was prepared");
            }
            client.sync();
            resource.commit(branch, false);
            client.sync();
        } catch (XAException e) {
            throw new IllegalStateException("XA error " + e.errorCode, e);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
