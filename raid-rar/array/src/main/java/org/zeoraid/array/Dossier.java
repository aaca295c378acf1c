package org.zeoraid.array;

import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.TransactionLog;

/** What the keeper knows of one member. Touched by the keeper's worker only. */
final class Dossier {

    private final Member member;
    private final MemberDoor door;
    private Standing standing;
    private boolean ours;
    private boolean owesPack;
    private Superblock.RecoveryNote recovery = Superblock.RecoveryNote.NONE;

    /** @param standing how it begins */
    Dossier(Member member, MemberDoor door, Standing standing) {
        this.member = member;
        this.door = door;
        this.standing = standing;
    }

    Member member() {
        return member;
    }

    MemberDoor door() {
        return door;
    }

    Standing standing() {
        return standing;
    }

    void standing(Standing now) {
        standing = now;
    }

    /** Takes its log away; whoever gets it closes it. */
    @Nullable TransactionLog takeLog() {
        TransactionLog log = standing.openLog();
        standing = standing.withLog(null);
        return log;
    }

    /** Whether the superblock beside it is this array's to write. */
    boolean isOurs() {
        return ours;
    }

    void ours(boolean now) {
        ours = now;
    }

    boolean owesPack() {
        return owesPack;
    }

    void owesPack(boolean now) {
        owesPack = now;
    }

    Superblock.RecoveryNote recovery() {
        return recovery;
    }

    void recovery(Superblock.RecoveryNote now) {
        recovery = now;
    }

    Superblock.Entry entry() {
        return new Superblock.Entry(
                member.id(),
                member.name(),
                member.source().location(),
                standing.state(),
                standing.reason(),
                standing.since(),
                standing.firstMissed(),
                member.lastSeen(),
                owesPack,
                recovery);
    }
}
