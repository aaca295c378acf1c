package org.zeoraid.adapter;

import static javax.transaction.xa.XAException.XAER_DUPID;
import static javax.transaction.xa.XAException.XAER_INVAL;
import static javax.transaction.xa.XAException.XAER_OUTSIDE;
import static javax.transaction.xa.XAException.XAER_PROTO;
import static javax.transaction.xa.XAException.XA_HEURHAZ;
import static javax.transaction.xa.XAException.XA_RBOTHER;
import static javax.transaction.xa.XAException.XA_RBROLLBACK;
import static javax.transaction.xa.XAException.XA_RBTIMEOUT;
import static javax.transaction.xa.XAException.XA_RETRY;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.transaction.xa.XAResource;

/**
 * What the XA specification has a resource manager answer, as plainly as it can be written: 0, a code, or what prepare returns.
 * Sessions, branches and objects are numbers. Branches 2n and 2n + 1 belong to one transaction, whose work they share. What is known
 * of a branch that was prepared is {@link XaFates}' business.
 */
final class XaModel {
    static final int OK = XAResource.XA_OK;
    /** XA's, which JTA leaves out. */
    static final int TMMIGRATE = 0x00100000;

    private static final int NONE = -1;

    private enum Phase {
        OPEN,
        VOTED,
        PREPARED,
        ENDED
    }

    /** The work of one transaction. */
    private static final class Unit {
        Phase phase = Phase.OPEN;
        /** The code of a rollback, if it can only be rolled back; XA_HEURHAZ if nobody can tell how it ended. */
        int failure;

        long snapshot = NONE;
        final Map<Integer, String> values = new HashMap<>();

        void fail(int code) {
            if (failure == OK && (phase == Phase.OPEN || phase == Phase.VOTED)) {
                failure = code;
            }
        }

        void rollback(int code) {
            fail(code);
            if (phase != Phase.ENDED) {
                phase = Phase.ENDED;
                failure = failure == OK ? code : failure;
            }
        }

        /** What everybody hears who asks more of it than it can do. */
        int refusal() {
            return failure == OK || failure == XA_HEURHAZ ? XA_RBOTHER : failure;
        }
    }

    private static final class Life {
        final Unit unit;
        /** Sessions, and whether each works in the branch now. */
        final Map<Integer, Boolean> sessions = new HashMap<>();

        boolean hasTimeout;
        boolean prepared;

        Life(Unit unit) {
            this.unit = unit;
        }
    }

    private static final class Session {
        int branch = NONE;
        Life life = new Life(new Unit());
        int timeout;
        boolean isLocal;
        boolean isScanning;

        void leave() {
            branch = NONE;
            life = new Life(new Unit());
        }

        void enter(int which, Life where) {
            branch = which;
            life = where;
        }
    }

    private XaFates fates = new XaFates();
    private final Map<Integer, Life> lives = new HashMap<>();
    private final List<Session> sessions = new ArrayList<>();

    XaModel(int count) {
        for (int i = 0; i < count; i++) {
            sessions.add(new Session());
        }
    }

    XaFates fates() {
        return fates;
    }

    /** What came of decisions at once. */
    void decided(XaFates outcome, int branch) {
        fates = outcome;
        letGo(branch);
    }

    /** The process has ended, in order or not: only what was prepared lives on. */
    void restart() {
        lives.clear();
        sessions.replaceAll(session -> new Session());
    }

    // What a session does.

    int branchOf(int session) {
        return sessions.get(session).branch;
    }

    /** Whether a session can write in its branch now. */
    boolean canWork(int session) {
        Session it = sessions.get(session);
        return it.branch != NONE
                && lives.get(it.branch) == it.life
                && it.life.unit.phase == Phase.OPEN
                && it.life.unit.failure == OK;
    }

    void write(int session, int object, String value) {
        Unit unit = sessions.get(session).life.unit;
        if (unit.snapshot == NONE) {
            unit.snapshot = fates.time();
        }
        unit.values.put(object, value);
    }

    /** The application asks for conflicts. */
    boolean vote(int session) {
        return vote(sessions.get(session).life.unit) == OK;
    }

    private int vote(Unit unit) {
        if (unit.failure != OK || unit.phase == Phase.ENDED) {
            return unit.refusal();
        }
        if (unit.phase != Phase.OPEN || unit.values.isEmpty()) {
            return OK;
        }
        if (isLocked(unit.values.keySet()) || fates.hasChanged(unit.values.keySet(), unit.snapshot)) {
            unit.fail(XA_RBROLLBACK);
            return XA_RBROLLBACK;
        }
        unit.phase = Phase.VOTED;
        return OK;
    }

    private boolean isLocked(Set<Integer> objects) {
        return fates.isLocked(objects)
                || lives.values().stream()
                        .anyMatch(life -> life.unit.phase == Phase.VOTED
                                && life.unit.failure == OK
                                && life.unit.values.keySet().stream().anyMatch(objects::contains));
    }

    void beginLocally(int session) {
        sessions.get(session).isLocal = true;
    }

    void endLocally(int session) {
        sessions.get(session).isLocal = false;
    }

    int setTimeout(int session, int seconds) {
        if (seconds < 0) {
            return XAER_INVAL;
        }
        sessions.get(session).timeout = seconds;
        return OK;
    }

    int timeout(int session) {
        return sessions.get(session).timeout;
    }

    /** The time of all that have one is up. */
    void expire() {
        for (Life life : lives.values()) {
            if (life.hasTimeout && !life.prepared && life.unit.phase == Phase.OPEN) {
                life.unit.fail(XA_RBTIMEOUT);
            }
            life.hasTimeout = false;
        }
    }

    int start(int session, int branch, int flags) {
        Session it = sessions.get(session);
        if (flags != XAResource.TMNOFLAGS && flags != XAResource.TMJOIN && flags != XAResource.TMRESUME) {
            return XAER_INVAL;
        }
        if (it.branch != NONE) {
            return XAER_PROTO;
        }
        if (it.isLocal) {
            return XAER_OUTSIDE;
        }
        Life life = lives.get(branch);
        if (flags == XAResource.TMNOFLAGS) {
            return life != null || fates.isKnown(branch) ? XAER_DUPID : begin(it, session, branch);
        }
        if (life == null) {
            return fates.notaOrProto(branch);
        }
        if (life.prepared) {
            return XAER_PROTO;
        }
        return flags == XAResource.TMJOIN ? join(it, session, branch, life) : resume(it, session, branch, life);
    }

    private int begin(Session it, int session, int branch) {
        Life sibling = lives.get(branch ^ 1);
        Life born = new Life(sibling == null ? new Unit() : sibling.unit);
        born.hasTimeout = it.timeout > 0;
        born.sessions.put(session, true);
        lives.put(branch, born);
        it.enter(branch, born);
        return OK;
    }

    private int join(Session it, int session, int branch, Life life) {
        if (life.sessions.containsKey(session)) {
            return XAER_PROTO;
        }
        if (life.unit.failure != OK) {
            return life.unit.refusal();
        }
        life.sessions.put(session, true);
        it.enter(branch, life);
        return OK;
    }

    private int resume(Session it, int session, int branch, Life life) {
        boolean isOwn = life.sessions.containsKey(session);
        if (isOwn ? life.sessions.get(session) : !life.sessions.containsValue(false)) {
            return XAER_PROTO;
        }
        if (life.unit.failure != OK) {
            return life.unit.refusal();
        }
        if (!isOwn) {
            int other = life.sessions.entrySet().stream()
                    .filter(entry -> !entry.getValue())
                    .findFirst()
                    .orElseThrow()
                    .getKey();
            life.sessions.remove(other);
        }
        life.sessions.put(session, true);
        it.enter(branch, life);
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
        if (flags != XAResource.TMSUCCESS
                && flags != XAResource.TMFAIL
                && flags != XAResource.TMSUSPEND
                && flags != (XAResource.TMSUSPEND | TMMIGRATE)) {
            return XAER_INVAL;
        }
        boolean suspends = (flags & XAResource.TMSUSPEND) != 0;
        Session it = sessions.get(session);
        Life life = lives.get(branch);
        if (it.branch == branch && it.life != life) {
            int code = it.life.unit.refusal();
            it.leave();
            return code;
        }
        if (life == null) {
            return fates.notaOrProto(branch);
        }
        Boolean working = life.sessions.get(session);
        if (life.prepared || working == null || suspends && !working) {
            return XAER_PROTO;
        }
        if (suspends) {
            life.sessions.put(session, false);
        } else {
            life.sessions.remove(session);
            if (flags == XAResource.TMFAIL) {
                life.unit.fail(XA_RBOTHER);
            }
        }
        if (it.branch == branch) {
            it.leave();
        }
        return OK;
    }

    // What a transaction manager does.

    private boolean isIdle(int branch) {
        Life life = lives.get(branch);
        return life != null && !life.prepared && life.sessions.isEmpty();
    }

    /** Branches that can be prepared, or committed in one phase. */
    Set<Integer> idle() {
        Set<Integer> idle = new TreeSet<>(lives.keySet());
        idle.removeIf(branch -> !isIdle(branch));
        return idle;
    }

    private int unlessIdle(int branch) {
        return lives.containsKey(branch) ? XAER_PROTO : fates.notaOrProto(branch);
    }

    int prepare(int branch) {
        if (!isIdle(branch)) {
            return unlessIdle(branch);
        }
        Life life = lives.get(branch);
        int vote = vote(life.unit);
        if (vote == OK && life.unit.phase == Phase.VOTED) {
            life.unit.phase = Phase.PREPARED;
            life.prepared = true;
            fates.prepare(branch, life.unit.values);
            return OK;
        }
        remove(branch);
        return vote == OK ? XAResource.XA_RDONLY : vote;
    }

    private void remove(int branch) {
        Life life = lives.remove(branch);
        if (life != null && !lives.containsKey(branch ^ 1)) {
            life.unit.rollback(XA_RBOTHER);
        }
    }

    int commitInOnePhase(int branch, Trouble trouble) {
        if (!isIdle(branch)) {
            return unlessIdle(branch);
        }
        Unit unit = lives.get(branch).unit;
        int code = unit.failure == XA_HEURHAZ ? XA_HEURHAZ : vote(unit);
        if (code == OK && unit.phase == Phase.PREPARED) {
            code = XA_RBOTHER; // a sibling was prepared for both
        }
        boolean writes = code == OK && unit.phase == Phase.VOTED;
        if (writes && trouble != Trouble.NONE) {
            code = trouble == Trouble.REFUSED ? XA_RBOTHER : XA_HEURHAZ;
        }
        if (code == OK || writes && trouble == Trouble.UNKNOWN_THERE) {
            fates.apply(unit.values);
        }
        if (code == OK) {
            unit.phase = Phase.ENDED;
        } else {
            unit.rollback(code);
        }
        remove(branch);
        return code;
    }

    int commit(int branch, Trouble trouble) {
        Life life = lives.get(branch);
        if (life != null && !life.prepared) {
            return XAER_PROTO;
        }
        if (fates.isInDoubt(branch) && trouble != Trouble.NONE) {
            if (trouble == Trouble.UNKNOWN_THERE) {
                fates.commit(branch, XaFates.Decider.TRANSACTION_MANAGER);
                letGo(branch);
            }
            return XA_RETRY;
        }
        int answer = fates.commit(branch, XaFates.Decider.TRANSACTION_MANAGER);
        letGo(branch);
        return answer;
    }

    int rollback(int branch) {
        Life life = lives.get(branch);
        if (life != null && !life.prepared) {
            life.unit.rollback(XA_RBOTHER);
            remove(branch);
            return OK;
        }
        int answer = fates.rollback(branch, XaFates.Decider.TRANSACTION_MANAGER);
        letGo(branch);
        return answer;
    }

    int forget(int branch) {
        Life life = lives.get(branch);
        if (life != null && !life.prepared) {
            return XAER_PROTO;
        }
        letGo(branch);
        return fates.forget(branch);
    }

    /** Somebody decided it, and this process has heard of it. */
    private void letGo(int branch) {
        Life life = lives.get(branch);
        if (life != null && life.prepared && !fates.isInDoubt(branch)) {
            if (fates.isCommitted(branch)) {
                life.unit.phase = Phase.ENDED;
            } else {
                life.unit.rollback(fates.isForgotten(branch) ? XA_HEURHAZ : XA_RBOTHER);
            }
            remove(branch);
        }
    }

    /** Empty if the flags are not allowed. */
    Optional<Set<Integer>> recover(int session, int flags) {
        if ((flags & ~(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN)) != 0) {
            return Optional.empty();
        }
        Session it = sessions.get(session);
        boolean starts = (flags & XAResource.TMSTARTRSCAN) != 0;
        boolean isRest = it.isScanning && !starts;
        it.isScanning = (flags & XAResource.TMENDRSCAN) == 0 && (isRest || starts);
        return Optional.of(isRest ? new TreeSet<>() : fates.known());
    }
}
