package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.content;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/** Blobs that were read from a server. */
class BlobCacheTest {

    private static final Oid OID = new Oid(7);
    private static final Tid TID = Tid.parse("040d34466cf58daa");

    @TempDir
    Path folder;

    @Test
    void whatADeadProcessLeftHalfIsDeletedAndWhatIsWholeIsKept() throws IOException {
        // No process has that number.
        Path half = Files.writeString(folder.resolve("incoming-999999999-1a2b-77.part"), "ha");
        BlobCache cache = BlobCache.in(folder, 1 << 20);

        await(cache.fetch(OID, TID, () -> {
            cache.start(OID, TID);
            cache.chunk(OID, TID, new byte[] {1, 2});
            cache.chunk(OID, TID, new byte[] {3});
            cache.stop(OID, TID);
            return CompletableFuture.completedFuture(null);
        }));
        cache.close();

        assertThat(half).doesNotExist();
        BlobCache again = BlobCache.in(folder, 1 << 20);
        assertThat(content(await(again.fetch(OID, TID, () -> {
                    throw new AssertionError("the server is not asked again");
                }))))
                .containsExactly(1, 2, 3);
    }

    @Test
    void aTemporaryOneIsGoneInTheEnd() throws IOException {
        BlobCache cache = BlobCache.temporary();
        Path file = await(cache.fetch(OID, TID, () -> {
                    cache.start(OID, TID);
                    cache.stop(OID, TID);
                    return CompletableFuture.completedFuture(null);
                }))
                .file()
                .orElseThrow();
        assertThat(file).exists();

        cache.close();

        assertThat(file.getParent()).doesNotExist();
    }
}
