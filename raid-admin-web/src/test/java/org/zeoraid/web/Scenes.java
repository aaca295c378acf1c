package org.zeoraid.web;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.storage.admin.OperationStatus;

/** Arrays in the states that pages and JSON are tested with. */
public final class Scenes {

    public static final Instant NOW = Instant.parse("2026-11-23T03:30:00Z");
    public static final Tid LAST = Tid.at(NOW.minusSeconds(2));

    private Scenes() {}

    public static MemberStatus member(String name, MemberState state, String reason) {
        boolean whole = state == MemberState.OPTIMAL;
        return new MemberStatus(
                name,
                "filestorage",
                "/srv/raid/" + name + "/Data.fs",
                state,
                reason,
                NOW.minus(whole ? Duration.ofDays(3) : Duration.ofMinutes(14)),
                whole ? LAST : Tid.at(NOW.minus(Duration.ofMinutes(14))),
                Optional.empty());
    }

    public static MemberStatus optimal(String name) {
        return member(name, MemberState.OPTIMAL, "");
    }

    public static MemberStatus recovering(String name, OperationStatus operation) {
        return withOperation(
                member(name, MemberState.RECOVERING, "was degraded: write failed: No space left on device"), operation);
    }

    public static OperationStatus verifying() {
        return new OperationStatus("verify", "reads", 10, 100, "bytes", 5, Optional.empty(), false, Optional.empty());
    }

    public static MemberStatus withOperation(MemberStatus found, OperationStatus operation) {
        return new MemberStatus(
                found.name(),
                found.kind(),
                found.location(),
                found.state(),
                found.reason(),
                found.since(),
                found.lastTid(),
                Optional.of(operation));
    }

    public static OperationStatus copying() {
        return new OperationStatus(
                "recover",
                "copying transactions",
                640,
                1000,
                "transactions",
                120.04,
                Optional.of(Duration.ofSeconds(3)),
                false,
                Optional.empty());
    }

    public static OperationStatus pausedRebuild() {
        return new OperationStatus(
                "rebuild",
                "paused",
                1_200_000_000L,
                3_400_000_000L,
                "bytes",
                0,
                Optional.empty(),
                true,
                Optional.of(8_000_000L));
    }

    public static ArrayStatus array(ArrayState state, String reason, MemberStatus... members) {
        return new ArrayStatus("main", state, reason, LAST, 7, false, Optional.empty(), List.of(members));
    }

    public static ArrayStatus whole() {
        return array(ArrayState.OPTIMAL, "", optimal("a"), optimal("b"), optimal("c"));
    }

    public static ArrayStatus degraded() {
        return array(
                ArrayState.DEGRADED,
                "member b: write failed: Input/output error",
                optimal("a"),
                member("b", MemberState.DEGRADED, "write failed: Input/output error on /srv/raid/b/Data.fs"),
                optimal("c"));
    }

    public static ArrayStatus recovering() {
        return array(
                ArrayState.RECOVERING,
                "member b is being recovered",
                optimal("a"),
                recovering("b", copying()),
                optimal("c"));
    }

    public static ArrayStatus failed() {
        return array(
                ArrayState.FAILED,
                "the state directory's superblock is lost: waits for b and c, so that all members can be compared",
                optimal("a"),
                member("b", MemberState.WAITING, "not reachable: Connection refused"),
                member("c", MemberState.WAITING, "not reachable: no such file"));
    }

    /** A branch that waits for so long; which of them it is tells its name. */
    public static PreparedBranch branch(String node, PreparedBranch.State state, Duration waits) {
        return new PreparedBranch(
                new BranchId(0x1234, node.getBytes(StandardCharsets.US_ASCII), new byte[] {1, 2}),
                state,
                NOW.minus(waits),
                3,
                12_300);
    }

    /** One of this moment, one that its transaction manager has abandoned, and one that an admin committed. */
    public static List<PreparedBranch> branches() {
        return List.of(
                branch("shop,server,P100", PreparedBranch.State.IN_DOUBT, Duration.ofHours(2)),
                branch("payroll,server,P7", PreparedBranch.State.COMMITTED_BY_ADMIN, Duration.ofMinutes(20)),
                branch("web,server,P900", PreparedBranch.State.IN_DOUBT, Duration.ofMillis(20)));
    }

    public static List<ArrayEvent> events() {
        return List.of(
                new ArrayEvent(
                        40,
                        NOW.minus(Duration.ofDays(3)),
                        ArrayEvent.Severity.INFO,
                        "",
                        "opened",
                        "the array is open, with 3 of 3 members"),
                new ArrayEvent(
                        41,
                        NOW.minus(Duration.ofMinutes(14)),
                        ArrayEvent.Severity.ERROR,
                        "b",
                        "degraded",
                        "write failed: Input/output error on /srv/raid/b/Data.fs"),
                new ArrayEvent(
                        42,
                        NOW.minus(Duration.ofSeconds(20)),
                        ArrayEvent.Severity.WARNING,
                        "b",
                        "recovering",
                        "the recovery has begun: 1,000 transactions <are> missing"));
    }
}
