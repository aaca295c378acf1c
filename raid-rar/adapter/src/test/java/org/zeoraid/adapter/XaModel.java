package org.zeoraid.adapter;

import static javax.transaction.xa.XAException.XAER_DUPID;
import static javax.transaction.xa.XAException.XAER_NOTA;
import static javax.transaction.xa.XAException.XAER_PROTO;
import static javax.transaction.xa.XAException.XA_HEURCOM;
import static javax.transaction.xa.XAException.XA_HEURRB;
import static javax.transaction.xa.XAException.XA_RBBASE;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.transaction.xa.XAResource;

/**
 * What the XA specification has a resource manager answer, as plainly as it can be written: 0, a code, {@link #ANY_ROLLBACK}, or
 * what prepare returns. Sessions and branches are numbers; each branch writes one object of its own.
 */
final class XaModel {
    static final int OK = XAResource.XA_OK;
    static final int ANY_ROLLBACK = XA_RBBASE;

    private static final class Life {
        /** Sessions, and whether each works in the branch now. */
        final Map<Integer, Boolean> sessions = new HashMap<>();

        boolean written;
        boolean failed;
        boolean prepared;
        String value = "";
    }

    private enum Memory {
        COMMITTED,
        ROLLED_BACK
    }

    private final Map<Integer, Life> lives = new HashMap<>();
    private final Map<Integer, Memory> remembered = new HashMap<>();
    private final Map<Integer, String> values = new HashMap<>();
    private final List<Integer> branchOf = new ArrayList<>();
    private final List<Life> lifeOf = new ArrayList<>();

    XaModel(int sessions) {
        for (int i = 0; i < sessions; i++) {
            branchOf.add(-1);
            lifeOf.add(new Life());
        }
    }

    /** The process died: only what was prepared lives on. */
    void restart() {
        lives.values().removeIf(life -> !life.prepared);
        for (int i = 0; i < branchOf.size(); i++) {
            leave(i);
        }
    }

    private void leave(int session) {
        branchOf.set(session, -1);
        lifeOf.set(session, new Life());
    }

    private void enter(int session, int branch, Life life) {
        life.sessions.put(session, true);
        branchOf.set(session, branch);
        lifeOf.set(session, life);
    }

    /** Whether a session can write now. */
    boolean canWork(int session) {
        int branch = branchOf.get(session);
        return branch >= 0 && lives.get(branch) == lifeOf.get(session) && !lifeOf.get(session).failed;
    }

    int branchOf(int session) {
        return branchOf.get(session);
    }

    void write(int session, String value) {
        Life life = lifeOf.get(session);
        life.written = true;
        life.value = value;
    }

    String committed(int branch) {
        return values.getOrDefault(branch, "");
    }

    Set<Integer> inDoubt() {
        Set<Integer> all = new TreeSet<>();
        lives.forEach((branch, life) -> {
            if (life.prepared) {
                all.add(branch);
            }
        });
        return all;
    }

    int start(int session, int branch, int flags) {
        if (branchOf.get(session) >= 0) {
            return XAER_PROTO;
        }
        Life life = lives.get(branch);
        if (flags == XAResource.TMNOFLAGS) {
            if (life != null) {
                return XAER_DUPID;
            }
            Life born = new Life();
            lives.put(branch, born);
            enter(session, branch, born);
            return OK;
        }
        if (life == null) {
            return XAER_NOTA;
        }
        if (life.prepared) {
            return XAER_PROTO;
        }
        return flags == XAResource.TMJOIN ? join(session, branch, life) : resume(session, branch, life);
    }

    private int join(int session, int branch, Life life) {
        if (life.sessions.containsKey(session)) {
            return XAER_PROTO;
        }
        if (life.failed) {
            return ANY_ROLLBACK;
        }
        enter(session, branch, life);
        return OK;
    }

    private int resume(int session, int branch, Life life) {
        if (!life.sessions.containsValue(false)) {
            return XAER_PROTO;
        }
        if (life.failed) {
            return ANY_ROLLBACK;
        }
        if (!life.sessions.containsKey(session)) {
            int other = life.sessions.entrySet().stream()
                    .filter(entry -> !entry.getValue())
                    .findFirst()
                    .orElseThrow()
                    .getKey();
            life.sessions.remove(other);
        }
        enter(session, branch, life);
        return OK;
    }

    /** Whether more than one session is suspended, so that nobody can tell which one moves. */
    boolean isAmbiguous(int session, int branch) {
        Life life = lives.get(branch);
        return life != null
                && !life.sessions.containsKey(session)
                && life.sessions.values().stream().filter(working -> !working).count() > 1;
    }

    int end(int session, int branch, int flags) {
        Life life = lives.get(branch);
        if (branchOf.get(session) == branch && lifeOf.get(session) != life) {
            leave(session);
            return ANY_ROLLBACK;
        }
        if (life == null) {
            return XAER_NOTA;
        }
        Boolean working = life.sessions.get(session);
        if (life.prepared || working == null || flags == XAResource.TMSUSPEND && !working) {
            return XAER_PROTO;
        }
        if (flags == XAResource.TMSUSPEND) {
            life.sessions.put(session, false);
        } else {
            life.sessions.remove(session);
            life.failed |= flags == XAResource.TMFAIL;
        }
        if (branchOf.get(session) == branch) {
            leave(session);
        }
        return OK;
    }

    int prepare(int branch) {
        Life life = lives.get(branch);
        if (life == null) {
            return XAER_NOTA;
        }
        if (life.prepared || !life.sessions.isEmpty()) {
            return XAER_PROTO;
        }
        if (life.failed || !life.written) {
            lives.remove(branch);
            return life.failed ? ANY_ROLLBACK : XAResource.XA_RDONLY;
        }
        life.prepared = true;
        remembered.remove(branch);
        return OK;
    }

    int commitInOnePhase(int branch) {
        Life life = lives.get(branch);
        if (life == null) {
            return XAER_NOTA;
        }
        if (life.prepared || !life.sessions.isEmpty()) {
            return XAER_PROTO;
        }
        lives.remove(branch);
        if (life.failed) {
            return ANY_ROLLBACK;
        }
        keep(branch, life);
        return OK;
    }

    private void keep(int branch, Life life) {
        if (life.written) {
            values.put(branch, life.value);
        }
    }

    int commit(int branch) {
        Life life = lives.get(branch);
        if (life == null) {
            return answer(branch, Memory.COMMITTED, XA_HEURRB);
        }
        if (!life.prepared) {
            return XAER_PROTO;
        }
        lives.remove(branch);
        keep(branch, life);
        remembered.put(branch, Memory.COMMITTED);
        return OK;
    }

    int rollback(int branch) {
        Life life = lives.remove(branch);
        if (life == null) {
            return answer(branch, Memory.ROLLED_BACK, XA_HEURCOM);
        }
        if (life.prepared) {
            remembered.put(branch, Memory.ROLLED_BACK);
        }
        return OK;
    }

    private int answer(int branch, Memory wanted, int otherwise) {
        Memory memory = remembered.get(branch);
        if (memory == null) {
            return XAER_NOTA;
        }
        return memory == wanted ? OK : otherwise;
    }

    int forget(int branch) {
        if (lives.containsKey(branch)) {
            return XAER_PROTO;
        }
        return remembered.containsKey(branch) ? OK : XAER_NOTA;
    }
}
