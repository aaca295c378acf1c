package org.zeoraid.storage;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A member as the configuration describes it, and the way to open it. Opened, closed and opened again as it comes and goes. */
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
     * Opens the member, creating it empty where there is none.
     *
     * @throws StorageException (in the stage) saying what is in the way; nothing is left open then
     */
    CompletionStage<TransactionLog> open();
}
