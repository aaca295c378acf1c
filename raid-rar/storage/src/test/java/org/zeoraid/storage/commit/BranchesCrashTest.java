package org.zeoraid.storage.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.oid;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.memory.MemoryLog;
import org.zeoraid.storage.seam.CrashWalk;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** Prepared branches of a machine that crashes in any step. */
class BranchesCrashTest extends BranchRig {

    private static final class Notes {
        final ScriptedLog log = new ScriptedLog();
        final Map<BranchId, String> prepared = new LinkedHashMap<>();
        final Map<BranchId, String> committing = new LinkedHashMap<>();
        final Set<BranchId> rollingBack = new LinkedHashSet<>();
        final Set<BranchId> rolledBack = new LinkedHashSet<>();
    }

    @Test
    void afterACrashInAnyStepEachBranchIsAppliedOnceOrNotAtAll() {
        long steps = new CrashWalk<>(BranchRig::fresh, Notes::new, this::scenario).walk(4, this::check);
        assertThat(steps).isGreaterThan(50);
    }

    private void scenario(FaultDisk crashing, Notes noted) {
        disk = crashing;
        log = noted.log;
        log.staysOpen = true;
        environment = new SimulatedEnvironment(3, crashing);
        storage = open();
        for (int i = 1; i <= 6; i++) {
            BranchId id = new BranchId(7, bytes("t" + i), bytes("b"));
            String text = "text ".repeat(i == 4 ? 20_000 : 3) + i;
            int oid = i;
            prepare(id, transaction -> transaction.store(oid(oid), Tid.NONE, bytes(text)));
            refuseToRunOn(crashing);
            noted.prepared.put(id, text);
            if (i % 3 == 1) {
                noted.committing.put(id, text);
                commit(id);
                refuseToRunOn(crashing);
                store(oid, "later " + i);
            } else if (i % 3 == 2) {
                noted.rollingBack.add(id);
                rollback(id);
                refuseToRunOn(crashing);
                noted.rolledBack.add(id);
            }
        }
        environment.advance(Duration.ofSeconds(1));
        await(storage.closeAsync());
    }

    private static void refuseToRunOn(FaultDisk crashing) {
        if (crashing.hasCrashed()) {
            throw new IllegalStateException("crashed");
        }
    }

    private void check(FaultDisk left, Notes noted) {
        disk = left;
        log = new ScriptedLog(copy(noted.log));
        environment = new SimulatedEnvironment(4, left);
        storage = open();
        serve();
        List<BranchId> open = new ArrayList<>(inDoubt());
        noted.prepared.forEach((id, text) -> {
            if (noted.rolledBack.contains(id)) {
                assertThat(open).doesNotContain(id);
            } else if (!noted.committing.containsKey(id) && !noted.rollingBack.contains(id)) {
                assertThat(open).contains(id);
            }
        });
        // The transaction manager commits what it had decided to commit, and rolls back all the rest.
        noted.committing.keySet().forEach(this::commit);
        open.stream().filter(id -> !noted.committing.containsKey(id)).forEach(this::rollback);
        assertThat(inDoubt()).isEmpty();
        Map<String, Integer> written = new LinkedHashMap<>();
        Steps.transactions(storage)
                .forEach(transaction -> written.merge(
                        Steps.text(Steps.records(transaction).get(0).data().orElseThrow()), 1, Integer::sum));
        noted.committing.values().forEach(text -> assertThat(written).containsEntry(text, 1));
        assertThat(written.keySet().stream().filter(text -> text.startsWith("text")))
                .allMatch(noted.committing::containsValue);
        for (int i = 1; i <= 6; i++) {
            store(i, "free");
        }
    }

    private static MemoryLog copy(ScriptedLog from) {
        var copy = new MemoryLog();
        Tid last = Tid.NONE;
        for (var transaction : Steps.transactions(from.memory)) {
            Steps.await(copy.append(last, transaction));
            last = transaction.tid();
        }
        return copy;
    }
}
