package org.zeoraid.adapter;

import static javax.transaction.xa.XAResource.TMENDRSCAN;
import static javax.transaction.xa.XAResource.TMFAIL;
import static javax.transaction.xa.XAResource.TMJOIN;
import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMRESUME;
import static javax.transaction.xa.XAResource.TMSTARTRSCAN;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static javax.transaction.xa.XAResource.TMSUSPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.adapter.MemoryArray.bytes;
import static org.zeoraid.adapter.MemoryArray.text;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.memory.MemoryLog;

/**
 * Random sequences of calls, in any order and on any connection, with restarts in between: the adapter answers as the model of the
 * specification does. A run is repeated by {@code -Dxa.seed=N}; {@code -Dxa.walks=N} makes more of them.
 */
class XaWalkTest {
    private static final int SESSIONS = 3;
    private static final int BRANCHES = 4;
    private static final int STEPS = 150;

    @TempDir
    Path folder;

    private final List<String> story = new ArrayList<>();
    private final List<RaidManagedConnection> connections = new ArrayList<>();
    private TransactionLog log;
    private MemoryArray array;
    private XaModel model;

    private interface Call {
        int answer() throws XAException;
    }

    @Test
    void theAdapterAnswersAsTheSpecificationSays() {
        long seed = Long.getLong("xa.seed", 0);
        long last = seed == 0 ? Long.getLong("xa.walks", 30) : seed;
        for (long walk = Math.max(1, seed); walk <= last; walk++) {
            try {
                walk(walk);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("-Dxa.seed=" + walk + ": " + story, e);
            }
        }
    }

    private void walk(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        story.clear();
        MemoryLog memory = new MemoryLog();
        log = (TransactionLog) Proxy.newProxyInstance(
                TransactionLog.class.getClassLoader(),
                new Class<?>[] {TransactionLog.class},
                (proxy, method, arguments) ->
                        method.getName().equals("close") ? null : method.invoke(memory, arguments));
        model = new XaModel(SESSIONS);
        open(seed);
        try {
            for (int step = 0; step < STEPS; step++) {
                step(random, seed, step);
            }
            for (int branch = 0; branch < BRANCHES; branch++) {
                assertThat(committed(branch)).isEqualTo(model.committed(branch));
            }
        } finally {
            array.close();
        }
    }

    private void open(long seed) {
        array = new MemoryArray(folder.resolve("walk-" + seed), log);
        connections.clear();
        for (int i = 0; i < SESSIONS; i++) {
            connections.add(array.connect());
        }
    }

    private static Xid xid(int branch) {
        return new TestXid("t" + branch, "b");
    }

    private static Oid oid(int branch) {
        return new Oid(100 + branch);
    }

    private String committed(int branch) {
        try {
            return array.current(oid(branch));
        } catch (ObjectNotFoundException e) {
            return "";
        }
    }

    private void step(SplittableRandom random, long seed, int step) {
        int session = random.nextInt(SESSIONS);
        int branch = random.nextInt(BRANCHES);
        // Most calls concern what the session works in, or nothing would ever be finished.
        if (model.branchOf(session) >= 0 && random.nextInt(4) != 0) {
            branch = model.branchOf(session);
        }
        XAResource xa = xa(session);
        Xid xid = xid(branch);
        int chosen = branch;
        switch (random.nextInt(12)) {
            case 0, 1 -> start(session, branch, TMNOFLAGS);
            case 2 -> start(session, branch, random.nextBoolean() ? TMJOIN : TMRESUME);
            case 3, 4 -> end(session, branch, TMSUCCESS);
            case 5 -> end(session, branch, random.nextInt(3) == 0 ? TMFAIL : TMSUSPEND);
            case 6 -> check("prepare " + branch, model.prepare(branch), () -> xa.prepare(xid));
            case 7 -> {
                boolean onePhase = random.nextBoolean();
                int expected = onePhase ? model.commitInOnePhase(branch) : model.commit(branch);
                check("commit " + branch + (onePhase ? " in one phase" : ""), expected, () -> {
                    xa.commit(xid(chosen), onePhase);
                    return XaModel.OK;
                });
            }
            case 8 -> {
                if (random.nextInt(3) == 0) {
                    check("rollback " + branch, model.rollback(branch), () -> {
                        xa.rollback(xid);
                        return XaModel.OK;
                    });
                } else {
                    write(session, "value " + step);
                }
            }
            case 9, 10 -> write(session, "value " + step);
            default -> rare(random, seed, xa, branch);
        }
    }

    private XAResource xa(int session) {
        try {
            return connections.get(session).getXAResource();
        } catch (jakarta.resource.ResourceException e) {
            throw new AssertionError(e);
        }
    }

    private void rare(SplittableRandom random, long seed, XAResource xa, int branch) {
        switch (random.nextInt(4)) {
            case 0 ->
                check("forget " + branch, model.forget(branch), () -> {
                    xa.forget(xid(branch));
                    return XaModel.OK;
                });
            case 1 -> {
                story.add("restart");
                array.close();
                open(seed);
                model.restart();
            }
            default ->
                check("recover", XaModel.OK, () -> {
                    Set<Integer> found = new TreeSet<>();
                    for (Xid each : xa.recover(TMSTARTRSCAN | TMENDRSCAN)) {
                        found.add(Integer.parseInt(
                                text(each.getGlobalTransactionId()).substring(1)));
                    }
                    assertThat(found).isEqualTo(model.inDoubt());
                    return XaModel.OK;
                });
        }
    }

    private void start(int session, int branch, int flags) {
        if (flags == TMRESUME && model.isAmbiguous(session, branch)) {
            return;
        }
        check(
                "session " + session + " start " + branch + " flags " + flags,
                model.start(session, branch, flags),
                () -> {
                    xa(session).start(xid(branch), flags);
                    return XaModel.OK;
                });
    }

    private void end(int session, int branch, int flags) {
        check("session " + session + " end " + branch + " flags " + flags, model.end(session, branch, flags), () -> {
            xa(session).end(xid(branch), flags);
            return XaModel.OK;
        });
    }

    private void write(int session, String value) {
        if (model.canWork(session)) {
            story.add("session " + session + " writes " + value);
            RaidConnection connection = array.handle(connections.get(session));
            connection.store(oid(model.branchOf(session)), bytes(value));
            model.write(session, value);
        }
    }

    private void check(String what, int expected, Call call) {
        int answer;
        try {
            answer = call.answer();
        } catch (XAException e) {
            boolean rollback = e.errorCode >= XAException.XA_RBBASE && e.errorCode <= XAException.XA_RBEND;
            answer = rollback ? XaModel.ANY_ROLLBACK : e.errorCode;
        }
        story.add(what + " = " + answer);
        assertThat(answer).as(what).isEqualTo(expected);
    }
}
