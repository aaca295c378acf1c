package org.zeoraid.storage;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * A member as the configuration describes it, and the way to open it. Opened, closed and opened again as it comes and goes; starts
 * nothing before. Safe for any number of threads.
 */
public interface MemberSource {

    /** The member's name, unique in its array. */
    String name();

    /** Its kind, the section type of the configuration, such as {@code filestorage}. */
    String kind();

    /** Where it is, for people: a path, or host and port. Two sources with equal locations are the same storage. */
    String location();

    /** The folder on this machine in which it lies, for a superblock beside it; empty for remote members and in memory. */
    Optional<Path> folder();

    /** Whether reads go to it only when no other member can answer. */
    boolean isWriteMostly();

    /**
     * Opens the member, creating it empty where there is none. Called on a thread of the member's own, which a disk may hold up.
     *
     * @throws StorageException (in the stage) saying what is in the way; nothing is left open then
     */
    CompletionStage<TransactionLog> open();

    /**
     * Whether a member that only could not be reached is to be taken back without an admin, once it answers again: true for
     * kinds that come and go with a network or a server's restart. What it holds is compared first in any case.
     */
    default boolean returnsByItself() {
        return false;
    }

    /** Whether its packs keep garbage, whatever they are asked. The other members of its array keep it too then. */
    default boolean keepsGarbage() {
        return false;
    }

    /**
     * What the configuration says of it beyond name, kind and location, without secrets; only compared, to find out whether a
     * configuration that is read again says something else. Blank for kinds that do not take part: then what they open
     * stays as it was first configured.
     */
    default String settings() {
        return "";
    }
}
