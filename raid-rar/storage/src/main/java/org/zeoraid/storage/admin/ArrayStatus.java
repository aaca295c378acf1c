package org.zeoraid.storage.admin;

import java.util.List;
import java.util.Optional;
import org.zeoraid.storage.Tid;

/**
 * An array at a moment.
 *
 * @param reason why it does not serve or is not whole, a sentence for an admin; blank while optimal
 * @param lastTid the last transaction that clients can see
 * @param generation counts the changes of membership
 * @param operation what is being done to the array as a whole, such as a pack
 */
public record ArrayStatus(
        String name,
        ArrayState state,
        String reason,
        Tid lastTid,
        long generation,
        boolean readOnly,
        Optional<OperationStatus> operation,
        List<MemberStatus> members) {

    public ArrayStatus {
        members = List.copyOf(members);
    }
}
