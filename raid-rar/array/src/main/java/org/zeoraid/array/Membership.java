package org.zeoraid.array;

import java.util.List;
import java.util.Optional;
import org.zeoraid.storage.admin.MemberState;

/**
 * Who belongs to the array at a moment, and how. Immutable.
 *
 * @param generation grows with every change of a state; what the superblock of the same generation says
 * @param members in the order of the configuration
 * @param stopped why nothing may be written until an admin decides; blank while writing is allowed
 */
record Membership(long generation, List<Standing> members, String stopped) {

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

    boolean isStopped() {
        return !stopped.isBlank();
    }
}
