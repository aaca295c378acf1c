package org.zeoraid.array;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.MemberState;

/**
 * What an array knows of itself over restarts: who belongs to it, and who must not be believed. Immutable; written as
 * {@link SuperblockCodec} says.
 *
 * @param arrayId the array's identity; lies beside every local member, so that another array's member is noticed
 * @param generation grows with every change of membership
 * @param marks how far the transactions are
 * @param pack the last pack that was chosen, if there ever was one
 * @param stopped why nothing may be written until an admin decides; blank while writing is allowed
 * @param members in the order of the configuration
 */
record Superblock(
        UUID arrayId, long generation, Marks marks, Optional<PackRequest> pack, String stopped, List<Entry> members) {

    Superblock {
        members = List.copyOf(members);
    }

    /**
     * How far the transactions are. All but {@code clean} follow lazily: they may lag behind, and never run ahead.
     *
     * @param last the last transaction acknowledged
     * @param settled all optimal members are known to be equal up to it
     * @param floor new tids must be later than this: what clients may have seen before an assembly by force
     * @param clean whether the array was stopped in order, so that {@code settled} is the last transaction anywhere
     */
    record Marks(Tid last, Tid settled, Tid floor, boolean clean) {

        static final Marks NONE = new Marks(Tid.NONE, Tid.NONE, Tid.NONE, false);

        /** The latest tid that was ever given or seen: the next one must be later. */
        Tid highest() {
            return last.isAfter(floor) ? last : floor;
        }

        Marks acknowledged(Tid tid) {
            return tid.isAfter(last) ? new Marks(tid, tid, floor, clean) : this;
        }

        Marks stoppedInOrder() {
            return new Marks(last, last, floor, true);
        }
    }

    /**
     * A member. Everything but {@code OPTIMAL} means that it may have missed transactions and must never become the truth.
     *
     * @param firstMissed the first transaction that it is known to have missed, {@link Tid#NONE} if none is known
     * @param last the last transaction that it was known to have
     * @param owesPack whether the pack named by the superblock has still to be run on it
     * @param recovery how a recovery that was under way is to go on
     */
    record Entry(
            UUID id,
            String name,
            String location,
            MemberState state,
            String reason,
            Instant since,
            Tid firstMissed,
            Tid last,
            boolean owesPack,
            RecoveryNote recovery) {

        boolean isOptimal() {
            return state == MemberState.OPTIMAL;
        }
    }

    /**
     * What an admin asked of a recovery, and what it must mind.
     *
     * @param paused whether it stands still until it is resumed
     * @param rebuild whether the member is rebuilt from nothing
     * @param bytesPerSecond how much it may copy; 0 for no bound
     * @param distrusted whether the member was taken out for what it holds: damage that lies anywhere in it, so that a
     *     look at its end is not enough to take it back
     * @param away whether it could only not be reached: it may be taken back without an admin
     */
    record RecoveryNote(boolean paused, boolean rebuild, long bytesPerSecond, boolean distrusted, boolean away) {

        static final RecoveryNote NONE = new RecoveryNote(false, false, 0);

        RecoveryNote(boolean paused, boolean rebuild, long bytesPerSecond) {
            this(paused, rebuild, bytesPerSecond, false);
        }

        RecoveryNote(boolean paused, boolean rebuild, long bytesPerSecond, boolean distrusted) {
            this(paused, rebuild, bytesPerSecond, distrusted, false);
        }

        RecoveryNote distrusted(boolean now) {
            return new RecoveryNote(paused, rebuild, bytesPerSecond, now, away);
        }

        RecoveryNote away(boolean now) {
            return new RecoveryNote(paused, rebuild, bytesPerSecond, distrusted, now);
        }

        RecoveryNote paused(boolean now) {
            return new RecoveryNote(now, rebuild, bytesPerSecond, distrusted, away);
        }

        RecoveryNote throttled(long bytes) {
            return new RecoveryNote(paused, rebuild, bytes, distrusted, away);
        }

        /** Nobody but an admin may hold against it what it was away for, and nothing else is held against it. */
        boolean mayReturn() {
            return away && !distrusted;
        }
    }

    Optional<Entry> withId(UUID id) {
        return members.stream().filter(entry -> entry.id().equals(id)).findFirst();
    }

    Optional<Entry> named(String name) {
        return members.stream().filter(entry -> entry.name().equals(name)).findFirst();
    }

    List<Entry> optimal() {
        return members.stream().filter(Entry::isOptimal).toList();
    }

    Superblock with(Marks newMarks) {
        return new Superblock(arrayId, generation, newMarks, pack, stopped, members);
    }
}
