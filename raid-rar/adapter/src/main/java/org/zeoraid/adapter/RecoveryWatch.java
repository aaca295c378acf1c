package org.zeoraid.adapter;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.zeoraid.config.ConfiguredArray;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.seam.Environment;

/**
 * Tells admins what keeps transactions from being recovered: a server that is not set up for it, and branches that stay in doubt.
 * In the log and in the arrays' event logs, each thing once. Ends with its environment.
 */
final class RecoveryWatch {
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");
    private static final Duration PAUSE = Duration.ofMinutes(1);
    /** The command files switch recovery on when this runs already, and a busy machine takes its time to get there. */
    private static final Duration STARTING = Duration.ofMinutes(4);
    /** Until then servers repeat their decisions by themselves. */
    private static final Duration PATIENCE = Duration.ofMinutes(11);

    private final Environment environment;
    private final Environment.Worker worker;
    private final List<ConfiguredArray> arrays;
    private final RecoverySetup setup;
    private final Map<BranchId, Instant> inDoubt = new HashMap<>();
    private final Set<String> told = new HashSet<>();
    private @Nullable Instant offSince;

    RecoveryWatch(Environment environment, List<ConfiguredArray> arrays, RecoverySetup setup) {
        this.environment = environment;
        this.worker = environment.worker("recovery-watch");
        this.arrays = List.copyOf(arrays);
        this.setup = setup;
    }

    /** Looks at the server's settings now, and at everything once a minute from then on. */
    void start() {
        setup.flaws().forEach(this::tellOfSetup);
        lookLater();
    }

    private void lookLater() {
        environment.schedule(
                PAUSE,
                () -> worker.execute(() -> {
                    look(environment.clock().instant());
                    lookLater();
                }));
    }

    void look(Instant now) {
        lookAtRecovery(now);
        Set<BranchId> there = new HashSet<>();
        for (ConfiguredArray array : arrays) {
            for (PreparedBranch branch : branchesInDoubt(array)) {
                there.add(branch.id());
                Instant since = inDoubt.computeIfAbsent(branch.id(), id -> now);
                if (Duration.between(since, now).compareTo(PATIENCE) >= 0) {
                    tell(array, branch);
                }
            }
        }
        inDoubt.keySet().retainAll(there);
    }

    private void lookAtRecovery(Instant now) {
        if (!setup.isOff()) {
            offSince = null;
            return;
        }
        offSince = offSince == null ? now : offSince;
        if (Duration.between(offSince, now).compareTo(STARTING) >= 0) {
            tellOfSetup("the server does not recover transactions: what a crash leaves in doubt stays so; set the"
                    + " transaction service's automatic-recovery");
        }
    }

    private void tellOfSetup(String text) {
        if (told.add(text)) {
            LOG.log(Level.WARNING, text);
            arrays.forEach(array -> array.note(Severity.WARNING, "recovery-setup", text));
        }
    }

    private static List<PreparedBranch> branchesInDoubt(ConfiguredArray array) {
        return array.storage().prepared().map(PreparedTransactions::branches).orElse(List.of()).stream()
                .filter(branch -> branch.state() == PreparedBranch.State.IN_DOUBT)
                .toList();
    }

    private void tell(ConfiguredArray array, PreparedBranch branch) {
        if (told.add(branch.id().toString())) {
            String text = "branch " + branch.id() + " (" + branch.id().words() + ") stays in doubt, and keeps its"
                    + " objects locked: its transaction manager does not decide. Have that recover its"
                    + " transactions, or find out what its other resources did and decide it here";
            LOG.log(Level.WARNING, "array " + array.name() + ": " + text);
            array.note(Severity.WARNING, "branch-in-doubt", text);
        }
    }
}
