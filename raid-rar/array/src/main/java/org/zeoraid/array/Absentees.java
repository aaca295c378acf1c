package org.zeoraid.array;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.admin.MemberState;

/** The part of the keeper that decides who is looked for, who comes back by itself, and who stays out for an admin. */
final class Absentees {

    private final SuperblockKeeper keeper;
    private final Roster roster;

    Absentees(SuperblockKeeper keeper, Roster roster) {
        this.keeper = keeper;
        this.roster = roster;
    }

    /**
     * The members that are to be looked for: those that were not seen since the start, and those that could only not be
     * reached and return by themselves.
     */
    CompletionStage<List<Member>> lookedFor() {
        return keeper.decide(() -> CompletableFuture.completedFuture(roster.dossiers().stream()
                .filter(dossier -> dossier.standing().state() == MemberState.WAITING || mayReturn(dossier))
                .map(Dossier::member)
                .toList()));
    }

    private static boolean mayReturn(Dossier dossier) {
        MemberState state = dossier.standing().state();
        return (state == MemberState.WAITING || state == MemberState.DEGRADED)
                && dossier.member().source().returnsByItself()
                && dossier.recovery().mayReturn();
    }

    /** How a member that is back goes on by itself; empty if only an admin takes it back, or it is not away any more. */
    CompletionStage<Optional<Superblock.RecoveryNote>> returnOf(Member member) {
        return keeper.decide(() -> {
            Dossier dossier = roster.find(member);
            return CompletableFuture.completedFuture(
                    dossier != null && mayReturn(dossier) ? Optional.of(dossier.recovery()) : Optional.empty());
        });
    }

    /**
     * A member that was away answers, and only an admin may take it back.
     *
     * @param why what is held against it
     * @param content whether that is what it holds
     */
    CompletionStage<Void> staysOut(Member member, String why, Seat.Fault content) {
        return keeper.decide(() -> {
            Dossier dossier = roster.find(member);
            if (dossier == null) {
                return CompletableFuture.completedFuture(null);
            }
            MemberState state = dossier.standing().state();
            Superblock.RecoveryNote note = dossier.recovery().away(false);
            if (state == MemberState.WAITING) {
                roster.move(dossier, Move.FOUND_STALE, why, dossier.standing().firstMissed());
            } else if (state == MemberState.DEGRADED) {
                roster.remark(dossier, why);
            } else {
                return CompletableFuture.completedFuture(null);
            }
            dossier.recovery(content == Seat.Fault.CONTENT ? note.distrusted(true) : note);
            roster.publish();
            return roster.save();
        });
    }
}
