package org.zeoraid.adapter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/** The points that a process passes, and the one at which it is halted as if its power had failed. */
final class HaltingPoints {
    /** Halts at the n-th point of all, whatever its name. */
    static final String ANY = "any";

    private final String wanted;
    private final int times;
    private final Path log;
    private final Path halt;
    private int passed;
    private boolean armed;

    HaltingPoints(String wanted, int times, Path folder) {
        this.wanted = wanted;
        this.times = times;
        this.log = folder.resolve("points");
        this.halt = halt(folder);
    }

    /** Where the point is named at which the last process was halted. */
    static Path halt(Path folder) {
        return folder.resolve("halt");
    }

    /** Recovery is over: from now on the points count. */
    synchronized void arm() {
        armed = true;
    }

    synchronized void pass(String point) {
        if (!armed) {
            return;
        }
        try {
            Files.writeString(log, point + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            if ((wanted.equals(ANY) || wanted.equals(point)) && ++passed == times) {
                Files.writeString(halt, point);
                Runtime.getRuntime().halt(HaltingProcess.HALTED);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A resource whose calls are points, before and after each. */
    XAResource around(String name, XAResource resource) {
        return new Around(name, resource, this);
    }

    private interface Call<T> {
        T make() throws XAException;
    }

    /** No proxy: that would be serialisable, and the transaction manager would put it into its log. */
    private record Around(String name, XAResource resource, HaltingPoints points) implements XAResource {

        private <T> T between(String what, Call<T> call) throws XAException {
            points.pass("before " + what + " of " + name);
            T answer = call.make();
            points.pass("after " + what + " of " + name);
            return answer;
        }

        @Override
        public void start(Xid xid, int flags) throws XAException {
            resource.start(xid, flags);
        }

        @Override
        public void end(Xid xid, int flags) throws XAException {
            between("end", () -> {
                resource.end(xid, flags);
                return this;
            });
        }

        @Override
        public int prepare(Xid xid) throws XAException {
            return between("prepare", () -> resource.prepare(xid));
        }

        @Override
        public void commit(Xid xid, boolean onePhase) throws XAException {
            between("commit", () -> {
                resource.commit(xid, onePhase);
                return this;
            });
        }

        @Override
        public void rollback(Xid xid) throws XAException {
            resource.rollback(xid);
        }

        @Override
        public void forget(Xid xid) throws XAException {
            resource.forget(xid);
        }

        @Override
        public Xid[] recover(int flags) throws XAException {
            return resource.recover(flags);
        }

        @Override
        public boolean isSameRM(XAResource other) throws XAException {
            return other instanceof Around that && resource.isSameRM(that.resource);
        }

        @Override
        public int getTransactionTimeout() throws XAException {
            return resource.getTransactionTimeout();
        }

        @Override
        public boolean setTransactionTimeout(int seconds) throws XAException {
            return resource.setTransactionTimeout(seconds);
        }
    }
}
