package org.zeoraid.array;

import java.time.Duration;

/**
 * How patient an array is. All durations are positive.
 *
 * @param answerDeadline how long a member may take for a read or another short call
 * @param appendDeadline how long a member may take to make a transaction durable
 * @param openDeadline how long a member may take to open
 * @param superblockDeadline how long writing the superblock beside a local member may take
 * @param blobDeadline how long a member may take to begin to answer with a blob, and for undo logs and histories
 * @param hedgeDelay after which a second member is asked for an object as well; for blobs, undo logs and histories it is the
 *     answer deadline
 * @param assemblyWait how long the start waits for all members of the last optimal set
 * @param retryPause the first pause before a member that could not be opened is tried again; they grow up to 64 times
 * @param noteInterval how often the superblock's last and settled tid follow
 */
public record ArrayOptions(
        Duration answerDeadline,
        Duration appendDeadline,
        Duration openDeadline,
        Duration superblockDeadline,
        Duration blobDeadline,
        Duration hedgeDelay,
        Duration assemblyWait,
        Duration retryPause,
        Duration noteInterval) {

    public static final ArrayOptions DEFAULT = new ArrayOptions(
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMillis(50),
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5));
}
