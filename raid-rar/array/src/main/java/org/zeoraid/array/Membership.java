package org.zeoraid.array;

import java.util.List;
import java.util.Optional;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.admin.MemberState;

/**
 * Who belongs to the array at a moment, how, and what the array may do. Immutable.
 *
 * @param generation grows with every change of a state; what the superblock of the same generation says
 * @param members in the order of the configuration
 * @param service what is allowed now
 * @param stopped why not everything is; blank if it is
 */
record Membership(long generation, List<Standing> members, Service service, String stopped) {

    /** What an array lets its clients do. */
    enum Service {
        FULL,
        /** Writing has stopped, and reading goes on. */
        READ_ONLY,
        /** Nothing is served. */
        CLOSED
    }

    Membership {
        members = List.copyOf(members);
    }

    /** The members that hold every acknowledged transaction. */
    List<Standing> optimal() {
        return members.stream().filter(Standing::isOptimal).toList();
    }

    Optional<Standing> of(Member member) {
        return members.stream().filter(s -> s.member() == member).findFirst();
    }

    Optional<Standing> named(String name) {
        return members.stream().filter(s -> s.member().name().equals(name)).findFirst();
    }

    boolean isIn(Member member, MemberState state) {
        return of(member).map(s -> s.state() == state).orElse(false);
    }

    /** @throws ArrayFailedException if nothing may be read from any member */
    void checkReadable() {
        if (service == Service.CLOSED) {
            throw new ArrayFailedException(stopped);
        }
    }

    /**
     * Returns if transactions may be written.
     *
     * @throws ArrayFailedException if nothing is served
     * @throws ReadOnlyException if only reading is
     */
    void checkWritable() {
        checkReadable();
        if (service == Service.READ_ONLY) {
            throw new ReadOnlyException(stopped);
        }
    }
}
