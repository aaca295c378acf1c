package org.zeoraid.zeo.client;

import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;

/** Finds the address at which a member's server answers. Each attempt has the whole patience to itself. */
final class Opening {

    private final ZeoOptions options;
    private final Environment environment;
    private final String label;
    private final ServerMemory memory;
    private final List<String> failures = new ArrayList<>();

    Opening(ZeoOptions options, Environment environment, String label, ServerMemory memory) {
        this.options = options;
        this.environment = environment;
        this.label = label;
        this.memory = memory;
    }

    CompletionStage<TransactionLog> run() {
        return attempt(0);
    }

    private CompletionStage<TransactionLog> attempt(int index) {
        SocketAddress address = options.addresses().get(index);
        return new Attempt(options, environment, label, memory, address)
                .run()
                .handle((log, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.<TransactionLog>completedFuture(log);
                    }
                    StorageException reason = Failures.translated(failure);
                    failures.add(String.valueOf(reason.getMessage()));
                    boolean more = index + 1 < options.addresses().size();
                    if (more && reason instanceof StorageUnavailableException) {
                        return attempt(index + 1).toCompletableFuture();
                    }
                    return CompletableFuture.<TransactionLog>failedFuture(
                            failures.size() == 1 || !(reason instanceof StorageUnavailableException)
                                    ? reason
                                    : new StorageUnavailableException(String.join("; ", failures), reason));
                })
                .thenCompose(next -> next);
    }
}
