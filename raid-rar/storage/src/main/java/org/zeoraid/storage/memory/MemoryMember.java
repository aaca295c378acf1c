package org.zeoraid.storage.memory;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.TransactionLog;

/**
 * A member of kind {@value #KIND}. What it holds outlives the logs that it opens, and goes with this object: closing and
 * opening again is a member that went away and came back. Safe for any number of threads.
 */
public final class MemoryMember implements MemberSource {

    /** The section type of the configuration. */
    public static final String KIND = "mappingstorage";

    private final MemoryContent content;
    private final boolean writeMostly;

    private MemoryMember(String name, boolean writeMostly) {
        this.content = new MemoryContent(name);
        this.writeMostly = writeMostly;
    }

    /** An empty member. */
    public static MemoryMember named(String name) {
        return new MemoryMember(name, false);
    }

    /** An empty member that is read only when no other can answer. */
    public static MemoryMember writeMostly(String name) {
        return new MemoryMember(name, true);
    }

    @Override
    public String name() {
        return content.name();
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public String location() {
        return "memory:" + content.name();
    }

    @Override
    public Optional<Path> folder() {
        return Optional.empty();
    }

    @Override
    public boolean isWriteMostly() {
        return writeMostly;
    }

    @Override
    public CompletionStage<TransactionLog> open() {
        return CompletableFuture.completedFuture(new MemoryLog(content));
    }

    /** What {@code cutTail} and {@code setAside} kept, at the place that they named. */
    public Optional<List<CommittedTransaction>> aside(String place) {
        return content.asides().stream()
                .filter(aside -> aside.place().equals(place))
                .map(MemoryContent.Aside::transactions)
                .findFirst();
    }
}
