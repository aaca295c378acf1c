package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.blobRecord;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.commit;
import static org.zeoraid.storage.contract.Steps.content;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.oid;
import static org.zeoraid.storage.contract.Steps.store;
import static org.zeoraid.storage.contract.Steps.undo;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;

/** Blobs. */
interface BlobContract extends StorageHarness {

    /** Whether blobs are kept. */
    boolean hasBlobs();

    @Test
    default void aBlobIsKeptWithItsRecord() throws Exception {
        assumeTrue(hasBlobs(), "this kind keeps no blobs");
        byte[] large = new byte[3_000_000];
        new Random(3).nextBytes(large);
        Tid tid = commit(
                storage(), transaction -> transaction.storeBlob(oid(1), Tid.NONE, blobRecord(), Steps.blob(large)));

        BlobSource kept = await(reopen().blob(oid(1), tid));

        assertThat(kept.size()).isEqualTo(large.length);
        assertThat(content(kept)).isEqualTo(large);
        assertThat(content(kept)).isEqualTo(large);
        assertThat(Steps.current(storage(), oid(1)).data()).isEqualTo(blobRecord());
        assertThat(content(Steps.entry(storage(), tid, oid(1)).blob().orElseThrow()))
                .isEqualTo(large);
    }

    @Test
    default void eachRevisionHasItsOwnBlob() throws Exception {
        assumeTrue(hasBlobs(), "this kind keeps no blobs");
        Tid first = commit(
                storage(),
                transaction -> transaction.storeBlob(oid(1), Tid.NONE, blobRecord(), Steps.blob(bytes("first"))));
        Tid second = commit(
                storage(), transaction -> transaction.storeBlob(oid(1), first, blobRecord(), Steps.blob(bytes("2nd"))));

        reopen();

        assertThat(content(await(storage().blob(oid(1), first)))).isEqualTo(bytes("first"));
        assertThat(content(await(storage().blob(oid(1), second)))).isEqualTo(bytes("2nd"));
    }

    @Test
    default void anEmptyBlobIsABlob() throws Exception {
        assumeTrue(hasBlobs(), "this kind keeps no blobs");
        Tid tid = commit(
                storage(), transaction -> transaction.storeBlob(oid(1), Tid.NONE, blobRecord(), Steps.blob(bytes(""))));

        assertThat(await(reopen().blob(oid(1), tid)).size()).isZero();
    }

    @Test
    default void whatHasNoBlobSaysSo() {
        assumeTrue(hasBlobs(), "this kind keeps no blobs");
        Tid tid = store(storage(), oid(1), "an ordinary object");

        failure(ObjectNotFoundException.class, storage().blob(oid(1), tid));
        failure(ObjectNotFoundException.class, storage().blob(oid(1), tid.before()));
        failure(ObjectNotFoundException.class, storage().blob(oid(2), tid));
    }

    @Test
    default void aTransactionTellsItsOwnBlobs() {
        assumeTrue(hasBlobs(), "this kind keeps no blobs");
        StorageTransaction transaction = storage().begin(TransactionMeta.EMPTY);
        transaction.storeBlob(oid(1), Tid.NONE, blobRecord(), Steps.blob(bytes("mine")));

        assertThat(content(transaction.writtenBlob(oid(1)).orElseThrow())).isEqualTo(bytes("mine"));
        await(transaction.abort());
        failure(ObjectNotFoundException.class, storage().loadBefore(oid(1), Tid.MAX));
    }

    @Test
    default void undoBringsTheBlobBack() throws Exception {
        assumeTrue(hasBlobs(), "this kind keeps no blobs");
        Tid first = commit(
                storage(),
                transaction -> transaction.storeBlob(oid(1), Tid.NONE, blobRecord(), Steps.blob(bytes("first"))));
        Tid second = commit(
                storage(), transaction -> transaction.storeBlob(oid(1), first, blobRecord(), Steps.blob(bytes("2nd"))));

        Tid undone = undo(storage(), second);

        reopen();
        assertThat(content(await(storage().blob(oid(1), undone)))).isEqualTo(bytes("first"));
        assertThat(content(await(storage().blob(oid(1), second)))).isEqualTo(bytes("2nd"));
    }
}
