package org.zeoraid.adapter;

import static org.zeoraid.adapter.XaTable.State.ACTIVE;
import static org.zeoraid.adapter.XaTable.State.HEURISTIC;
import static org.zeoraid.adapter.XaTable.State.IDLE;
import static org.zeoraid.adapter.XaTable.State.NONE;
import static org.zeoraid.adapter.XaTable.State.PREPARED;
import static org.zeoraid.adapter.XaTable.State.SUSPENDED;

import java.util.EnumMap;
import java.util.Map;
import javax.transaction.xa.XAException;
import org.zeoraid.storage.BranchId;

/**
 * What may be asked of a transaction branch in which state: X/Open's XA specification, chapter 6, as far as one resource manager
 * sees it. What is not legal is answered with the code that stands here; what is, by the branch itself.
 *
 * <pre>
 *                  NONE   ACTIVE  SUSPENDED  IDLE   PREPARED  HEURISTIC
 * start            yes    DUPID   DUPID      DUPID  DUPID     DUPID
 * start, join      NOTA   yes     yes        yes    PROTO     PROTO
 * start, resume    NOTA   yes     yes        PROTO  PROTO     PROTO
 * end              NOTA   yes     yes        PROTO  PROTO     PROTO
 * prepare          NOTA   PROTO   PROTO      yes    PROTO     PROTO
 * commit, 1 phase  NOTA   PROTO   PROTO      yes    PROTO     PROTO
 * commit           NOTA   PROTO   PROTO      PROTO  yes       yes
 * rollback         NOTA   yes     yes        yes    yes       yes
 * forget           NOTA   PROTO   PROTO      PROTO  PROTO     yes
 * </pre>
 *
 * <p>In two things this is kinder than the specification. A branch can be rolled back while work goes on in it, as transaction
 * managers do from other threads when time is up: the work fails from then on, and each end of it hears the code of a
 * rollback. And a branch that has ended not long ago is remembered: the same decision once more is answered as the first
 * time, the opposite one with what became of it.
 */
final class XaTable {

    /** Where a branch is. */
    enum State {
        /** Nothing is known of it, or it has ended. */
        NONE,
        /** At least one session works in it. */
        ACTIVE,
        /** No session works in it, and at least one has only suspended its work. */
        SUSPENDED,
        /** All work in it has ended. */
        IDLE,
        /** It has voted to commit and waits for the decision. */
        PREPARED,
        /** An admin decided it; kept until it is forgotten. */
        HEURISTIC
    }

    /** What is asked. */
    enum Call {
        START,
        JOIN,
        RESUME,
        END,
        PREPARE,
        COMMIT_IN_ONE_PHASE,
        COMMIT,
        ROLLBACK,
        FORGET
    }

    private static final int YES = 0;
    private static final int NOTA = XAException.XAER_NOTA;
    private static final int DUPID = XAException.XAER_DUPID;
    private static final int PROTO = XAException.XAER_PROTO;

    private static final State[] COLUMNS = {NONE, ACTIVE, SUSPENDED, IDLE, PREPARED, HEURISTIC};
    private static final Map<Call, int[]> ROWS = new EnumMap<>(Call.class);

    static {
        ROWS.put(Call.START, new int[] {YES, DUPID, DUPID, DUPID, DUPID, DUPID});
        ROWS.put(Call.JOIN, new int[] {NOTA, YES, YES, YES, PROTO, PROTO});
        ROWS.put(Call.RESUME, new int[] {NOTA, YES, YES, PROTO, PROTO, PROTO});
        ROWS.put(Call.END, new int[] {NOTA, YES, YES, PROTO, PROTO, PROTO});
        ROWS.put(Call.PREPARE, new int[] {NOTA, PROTO, PROTO, YES, PROTO, PROTO});
        ROWS.put(Call.COMMIT_IN_ONE_PHASE, new int[] {NOTA, PROTO, PROTO, YES, PROTO, PROTO});
        ROWS.put(Call.COMMIT, new int[] {NOTA, PROTO, PROTO, PROTO, YES, YES});
        ROWS.put(Call.ROLLBACK, new int[] {NOTA, YES, YES, YES, YES, YES});
        ROWS.put(Call.FORGET, new int[] {NOTA, PROTO, PROTO, PROTO, PROTO, YES});
    }

    private XaTable() {}

    /** @throws XAException with the code that is due if the call is not legal */
    static void check(Call call, State state, BranchId branch) throws XAException {
        int code = code(call, state);
        if (code != YES) {
            throw XaErrors.protocol(
                    code,
                    state == NONE
                            ? "there is no branch " + branch
                            : "not legal, " + call + " of branch " + branch + ", which is " + state);
        }
    }

    private static int code(Call call, State state) {
        int[] row = ROWS.getOrDefault(call, new int[0]);
        for (int i = 0; i < COLUMNS.length; i++) {
            if (COLUMNS[i] == state) {
                return row[i];
            }
        }
        throw new AssertionError(state);
    }
}
