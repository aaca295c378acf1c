package org.zeoraid.ejb;

import java.lang.System.Logger;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.zeoraid.api.RaidAdministration;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;

/**
 * Verifies all members of all arrays, one at a time, so that at most one disk is busy with it. A member that is not
 * optimal, or busy, when its turn comes is left out. Blocks no thread: the next member begins when the one before is done.
 */
final class VerifyRound {

    private static final Logger LOG = System.getLogger("org.zeoraid.ejb");

    private record Target(String array, String member) {}

    private final RaidAdministration administration;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile boolean stopped;

    VerifyRound(RaidAdministration administration) {
        this.administration = administration;
    }

    /** Begins a round, unless one is still going on. */
    void start() {
        if (!running.compareAndSet(false, true)) {
            LOG.log(Logger.Level.WARNING, "the last verification of all members is still going on: left out this time");
            return;
        }
        Deque<Target> targets;
        try {
            targets = targets();
        } catch (RuntimeException e) {
            running.set(false);
            throw e;
        }
        next(targets);
    }

    private Deque<Target> targets() {
        Deque<Target> targets = new ArrayDeque<>();
        for (String array : administration.arrays()) {
            administration
                    .array(array)
                    .status()
                    .members()
                    .forEach(member -> targets.add(new Target(array, member.name())));
        }
        return targets;
    }

    /** Lets the member that is being verified be the last one. */
    void stop() {
        stopped = true;
    }

    boolean isRunning() {
        return running.get();
    }

    private void next(Deque<Target> targets) {
        while (!stopped && !targets.isEmpty()) {
            Target target = targets.remove();
            if (isReady(target)) {
                verify(target, targets);
                return;
            }
            LOG.log(
                    Logger.Level.INFO,
                    "array {0}: member {1} is not verified now, since it is not optimal or busy",
                    target.array(),
                    target.member());
        }
        running.set(false);
    }

    private void verify(Target target, Deque<Target> others) {
        try {
            administration.array(target.array()).verify(target.member()).whenComplete((done, failure) -> {
                if (failure != null) {
                    failed(target, failure);
                }
                next(others);
            });
        } catch (RuntimeException e) {
            failed(target, e);
            next(others);
        }
    }

    private boolean isReady(Target target) {
        try {
            ArrayStatus status = administration.array(target.array()).status();
            Optional<MemberStatus> member = status.members().stream()
                    .filter(candidate -> candidate.name().equals(target.member()))
                    .findAny();
            return status.operation().isEmpty()
                    && member.filter(found -> found.state() == MemberState.OPTIMAL
                                    && found.operation().isEmpty())
                            .isPresent();
        } catch (RuntimeException e) {
            failed(target, e);
            return false;
        }
    }

    private static void failed(Target target, Throwable failure) {
        LOG.log(
                Logger.Level.WARNING,
                "array " + target.array() + ": the verification of member " + target.member() + " did not finish",
                failure);
    }
}
