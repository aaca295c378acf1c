package org.zeoraid.array;

import java.util.Optional;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;

/**
 * What an assembly has seen of a configured member. Immutable.
 *
 * @param copy the superblock beside it
 * @param contact empty as long as it could not be opened
 * @param problem why there is no contact; blank if there is
 */
record Sighting(
        MemberSource source, MemberDoor door, SuperblockFile.Found copy, Optional<Contact> contact, String problem) {

    /**
     * A member that is open.
     *
     * @param last its last transaction
     * @param packedTo the newest pack that has been over it
     */
    record Contact(TransactionLog log, Tid last, Tid packedTo) {

        boolean isSameStorage(Contact other) {
            Optional<String> identity = log.identity();
            return identity.isPresent() && identity.equals(other.log.identity());
        }
    }

    String name() {
        return source.name();
    }

    boolean isLocal() {
        return source.folder().isPresent();
    }

    Tid last() {
        return contact.map(Contact::last).orElse(Tid.NONE);
    }

    Tid packedTo() {
        return contact.map(Contact::packedTo).orElse(Tid.NONE);
    }

    Optional<SuperblockFile.Found.Copy> copyHere() {
        return copy instanceof SuperblockFile.Found.Copy here ? Optional.of(here) : Optional.empty();
    }

    /** For messages: its name, and why it is not there. */
    String nameAndProblem() {
        return problem.isBlank() ? name() : name() + " (" + problem + ")";
    }
}
