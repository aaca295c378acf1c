package org.zeoraid.adapter;

import java.util.List;
import org.zeoraid.storage.admin.ArrayAdministration;
import org.zeoraid.storage.commit.CommitOptions;
import org.zeoraid.storage.commit.TransactionalStorage;
import org.zeoraid.storage.memory.MemoryLog;
import org.zeoraid.storage.seam.SystemEnvironment;

final class MemoryOpening {
    private MemoryOpening() {}

    static ServedArrays open(Settings settings) {
        var env = new SystemEnvironment();
        var storage = Stages.await(TransactionalStorage.open(
                "main", new MemoryLog(), env, CommitOptions.spillingTo(settings.ownFolder())));
        var admin = (ArrayAdministration) java.lang.reflect.Proxy.newProxyInstance(
                MemoryOpening.class.getClassLoader(), new Class<?>[] {ArrayAdministration.class}, (p, m, a) -> {
                    throw new IllegalStateException("x");
                });
        var timeouts = new Timeouts();
        return new ServedArrays(
                List.of(new ServedArray(
                        storage, admin, BlobSpool.open(settings.ownFolder().resolve("blobs")), timeouts)),
                timeouts);
    }
}
