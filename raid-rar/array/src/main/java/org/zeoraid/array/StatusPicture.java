package org.zeoraid.array;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.storage.admin.OperationStatus;

/** How an array looks to an admin. */
final class StatusPicture {

    private StatusPicture() {}

    /** An array that has not been assembled yet. */
    static ArrayStatus assembling(
            ArrayConfiguration configuration, String reason, Instant since, AssemblyPicture picture) {
        List<MemberStatus> members = configuration.members().stream()
                .map(source -> {
                    AssemblyPicture.Seen seen = picture.of(source.name())
                            .orElseGet(() -> new AssemblyPicture.Seen("is to be opened", since, Tid.NONE));
                    return member(
                            source, MemberState.WAITING, seen.text(), seen.since(), seen.last(), Optional.empty());
                })
                .toList();
        return new ArrayStatus(
                configuration.name(),
                ArrayState.FAILED,
                reason,
                Tid.NONE,
                0,
                configuration.readOnly(),
                Optional.empty(),
                members);
    }

    static ArrayStatus of(
            ArrayConfiguration configuration,
            Membership membership,
            Tid last,
            Optional<OperationStatus> operation,
            Function<Member, Optional<OperationStatus>> operations) {
        List<MemberStatus> members = membership.members().stream()
                .map(s -> member(
                        s.member().source(),
                        s.state(),
                        s.reason(),
                        s.since(),
                        s.member().lastSeen(),
                        operations.apply(s.member())))
                .toList();
        boolean readOnly = configuration.readOnly() || membership.service() != Membership.Service.FULL;
        return new ArrayStatus(
                configuration.name(),
                state(membership),
                reason(membership),
                last,
                membership.generation(),
                readOnly,
                operation,
                members);
    }

    private static MemberStatus member(
            MemberSource source,
            MemberState state,
            String reason,
            Instant since,
            Tid last,
            Optional<OperationStatus> operation) {
        return new MemberStatus(source.name(), source.kind(), source.location(), state, reason, since, last, operation);
    }

    static ArrayState state(Membership membership) {
        if (membership.service() != Membership.Service.FULL) {
            return ArrayState.FAILED;
        }
        boolean recovering = false;
        for (Standing standing : membership.members()) {
            switch (standing.state()) {
                case OPTIMAL -> {}
                case RECOVERING -> recovering = true;
                default -> {
                    return ArrayState.DEGRADED;
                }
            }
        }
        return recovering ? ArrayState.RECOVERING : ArrayState.OPTIMAL;
    }

    private static String reason(Membership membership) {
        if (membership.service() != Membership.Service.FULL) {
            return membership.stopped();
        }
        return membership.members().stream()
                .filter(s -> !s.isOptimal())
                .map(s -> "member " + s.member().name() + " is " + s.state().word()
                        + (s.reason().isBlank() ? "" : ": " + s.reason()))
                .collect(Collectors.joining("; "));
    }
}
