package org.zeoraid.array;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionLog;

/** A member whose logs are {@link FaultyLog}s, all with the same switches. */
public final class FaultyMember implements MemberSource {

    private final MemberSource member;
    private final Faults faults;

    public FaultyMember(MemberSource member, Faults faults) {
        this.member = member;
        this.faults = faults;
    }

    public Faults faults() {
        return faults;
    }

    @Override
    public String name() {
        return member.name();
    }

    @Override
    public String kind() {
        return member.kind();
    }

    @Override
    public String location() {
        return member.location();
    }

    @Override
    public Optional<Path> folder() {
        return member.folder();
    }

    @Override
    public boolean isWriteMostly() {
        return member.isWriteMostly();
    }

    @Override
    public String settings() {
        return member.settings();
    }

    @Override
    public boolean keepsGarbage() {
        return faults.isKeepingGarbage();
    }

    @Override
    public boolean returnsByItself() {
        return faults.isReturning();
    }

    @Override
    public CompletionStage<TransactionLog> open() {
        switch (faults.nextOpen()) {
            case WORK:
                return member.open().thenApply(log -> new FaultyLog(log, faults));
            case UNAVAILABLE:
                return CompletableFuture.failedFuture(new StorageUnavailableException("told not to open"));
            case HANG:
                CompletableFuture<TransactionLog> stage = new CompletableFuture<>();
                faults.hold(() -> member.open().whenComplete((log, failure) -> {
                    if (failure == null) {
                        stage.complete(new FaultyLog(log, faults));
                    } else {
                        stage.completeExceptionally(failure);
                    }
                }));
                return stage;
        }
        throw new AssertionError("no such fault");
    }
}
