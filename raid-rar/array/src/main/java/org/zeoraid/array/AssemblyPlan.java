package org.zeoraid.array;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.MemberState;

/**
 * How an array is to be assembled from what was seen. Immutable.
 *
 * @param base the superblock to go on from
 * @param kind what the candidates are expected to have in common
 * @param parts one a configured member, in the order of the configuration
 */
record AssemblyPlan(Superblock base, Kind kind, List<Part> parts) {

    AssemblyPlan {
        parts = List.copyOf(parts);
    }

    /** What the candidates are expected to have in common. */
    enum Kind {
        /** A superblock says that they are equal up to the settled tid. */
        KNOWN,
        /** There has never been a superblock: any of them may hold anything. */
        FIRST,
        /** An admin forces the assembly: whatever the newest holds is the truth. */
        FORCED
    }

    /** What becomes of a member. */
    enum Role {
        /** It may be the truth: its tail is compared with the other candidates', and it comes in optimal. */
        CANDIDATE,
        /** Open, and not up to date or not trusted: it comes in degraded. */
        STALE,
        /** As stale, for it was there and could not be reached any more. */
        LOST,
        /** As stale, and its recovery goes on by itself. */
        RESUMING,
        DISABLED,
        DIVERGED,
        /** Not seen: it waits. */
        UNSEEN
    }

    /**
     * A member's part.
     *
     * @param id who it is from now on
     * @param known what the superblock says of it
     */
    record Part(
            Sighting sighting,
            UUID id,
            Role role,
            String reason,
            Founder.OwnFolder folder,
            Optional<Superblock.Entry> known) {

        Part as(Role other, String why) {
            return new Part(sighting, id, other, why, folder, known);
        }

        Tid firstMissed() {
            return known.filter(entry -> entry.state() != MemberState.OPTIMAL)
                    .map(Superblock.Entry::firstMissed)
                    .orElse(Tid.NONE);
        }

        String name() {
            return sighting.name();
        }
    }

    List<Part> candidates() {
        return parts.stream().filter(part -> part.role() == Role.CANDIDATE).toList();
    }

    AssemblyPlan with(List<Part> other) {
        return new AssemblyPlan(base, kind, other);
    }
}
