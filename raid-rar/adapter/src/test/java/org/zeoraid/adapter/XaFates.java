package org.zeoraid.adapter;

import static javax.transaction.xa.XAException.XAER_NOTA;
import static javax.transaction.xa.XAException.XAER_PROTO;
import static javax.transaction.xa.XAException.XA_HEURCOM;
import static javax.transaction.xa.XAException.XA_HEURRB;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What outlives the process in the model of the XA specification: committed objects, and what became of prepared branches. */
final class XaFates {
    enum Decider {
        TRANSACTION_MANAGER,
        ADMIN
    }

    /** What an admin hears who wants a decision that cannot be. */
    static final int REFUSED = Integer.MIN_VALUE;

    enum Fate {
        IN_DOUBT,
        COMMITTED,
        ROLLED_BACK,
        COMMITTED_BY_ADMIN,
        ROLLED_BACK_BY_ADMIN;

        boolean isCommitted() {
            return this == COMMITTED || this == COMMITTED_BY_ADMIN;
        }

        boolean isHeuristic() {
            return this == COMMITTED_BY_ADMIN || this == ROLLED_BACK_BY_ADMIN;
        }
    }

    private final Map<Integer, Fate> fates = new HashMap<>();
    private final Map<Integer, Map<Integer, String>> prepared = new HashMap<>();
    private final Map<Integer, String> values = new HashMap<>();
    private final Map<Integer, Long> changed = new HashMap<>();
    private long time;

    XaFates copy() {
        XaFates copy = new XaFates();
        copy.fates.putAll(fates);
        copy.prepared.putAll(prepared);
        copy.values.putAll(values);
        copy.changed.putAll(changed);
        copy.time = time;
        return copy;
    }

    // Objects.

    /** How many transactions have been committed. */
    long time() {
        return time;
    }

    void apply(Map<Integer, String> changes) {
        if (!changes.isEmpty()) {
            time++;
            values.putAll(changes);
            changes.keySet().forEach(object -> changed.put(object, time));
        }
    }

    String value(int object) {
        return values.getOrDefault(object, "");
    }

    boolean hasChanged(Collection<Integer> objects, long since) {
        return objects.stream().anyMatch(object -> changed.getOrDefault(object, 0L) > since);
    }

    boolean isLocked(Collection<Integer> objects) {
        return prepared.values().stream()
                .anyMatch(changes -> changes.keySet().stream().anyMatch(objects::contains));
    }

    // Branches.

    void prepare(int branch, Map<Integer, String> changes) {
        fates.put(branch, Fate.IN_DOUBT);
        prepared.put(branch, Map.copyOf(changes));
    }

    boolean isInDoubt(int branch) {
        return fates.get(branch) == Fate.IN_DOUBT;
    }

    boolean isCommitted(int branch) {
        Fate fate = fates.get(branch);
        return fate != null && fate.isCommitted();
    }

    boolean isForgotten(int branch) {
        return !fates.containsKey(branch);
    }

    /** Whether it cannot be begun: it is in doubt, or an admin's decision has not been forgotten. */
    boolean isKnown(int branch) {
        Fate fate = fates.get(branch);
        return fate != null && (fate == Fate.IN_DOUBT || fate.isHeuristic());
    }

    /** What recover tells. */
    Set<Integer> known() {
        Set<Integer> known = new TreeSet<>(fates.keySet());
        known.removeIf(branch -> !isKnown(branch));
        return known;
    }

    /** Of what can only be asked of a branch in which this process works. */
    int notaOrProto(int branch) {
        return isKnown(branch) ? XAER_PROTO : XAER_NOTA;
    }

    int commit(int branch, Decider decider) {
        Fate fate = fates.get(branch);
        if (fate == Fate.IN_DOUBT) {
            fates.put(branch, decider == Decider.ADMIN ? Fate.COMMITTED_BY_ADMIN : Fate.COMMITTED);
            apply(prepared.remove(branch));
            return XaModel.OK;
        }
        if (decider == Decider.ADMIN) {
            return fate != null && fate.isCommitted() ? XaModel.OK : REFUSED;
        }
        return fate == null ? XAER_NOTA : fate == Fate.COMMITTED ? XaModel.OK : heuristic(fate);
    }

    int rollback(int branch, Decider decider) {
        Fate fate = fates.get(branch);
        if (fate == Fate.IN_DOUBT) {
            fates.put(branch, decider == Decider.ADMIN ? Fate.ROLLED_BACK_BY_ADMIN : Fate.ROLLED_BACK);
            prepared.remove(branch);
            return XaModel.OK;
        }
        if (decider == Decider.ADMIN) {
            return fate != null && !fate.isCommitted() ? XaModel.OK : REFUSED;
        }
        return fate == null ? XAER_NOTA : fate == Fate.ROLLED_BACK ? XaModel.OK : heuristic(fate);
    }

    private static int heuristic(Fate fate) {
        return fate.isCommitted() ? XA_HEURCOM : XA_HEURRB;
    }

    int forget(int branch) {
        Fate fate = fates.get(branch);
        if (fate == null || fate == Fate.IN_DOUBT) {
            return fate == null ? XAER_NOTA : XAER_PROTO;
        }
        if (fate.isHeuristic()) {
            fates.remove(branch);
        }
        return XaModel.OK;
    }

    int forgetByAdmin(int branch) {
        if (isInDoubt(branch)) {
            return REFUSED;
        }
        fates.remove(branch);
        return XaModel.OK;
    }
}
