package org.zeoraid.array;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;

/**
 * Who a member is when the array begins to serve, and what becomes of it.
 *
 * @param move what happens to it; empty for one that was not seen, and goes on waiting
 */
record Founder(
        Member member,
        MemberDoor door,
        @Nullable TransactionLog log,
        Optional<Move> move,
        String reason,
        Tid firstMissed,
        OwnFolder folder,
        boolean owesPack,
        Superblock.RecoveryNote recovery) {

    /** Whether the superblock beside a member may be written. */
    enum OwnFolder {
        OURS,
        /** It lies beside another array's member, or another member: left alone until an admin decides. */
        FOREIGN
    }
}
