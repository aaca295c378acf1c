package org.zeoraid.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/** For a member without a folder for blobs. */
final class NoBlobs implements Blobs {

    @Override
    public boolean isKept() {
        return false;
    }

    @Override
    public void store(CommittedTransaction transaction) throws IOException {
        throw new IOException("this member has no folder for blobs: set blob-dir");
    }

    @Override
    public void name(List<CommittedTransaction> transactions) {
        // None was stored.
    }

    @Override
    public void discard(CommittedTransaction transaction) {
        // Nothing was stored.
    }

    @Override
    public Optional<BlobSource> find(Oid oid, Tid serial, byte[] data) {
        return Optional.empty();
    }

    @Override
    public Optional<String> damage(Oid oid, Tid serial, byte[] data) {
        return Optional.empty();
    }

    @Override
    public Removal cutTail(Tid keep, Path aside) {
        return beginRemoval();
    }

    @Override
    public void setAside(Path aside) {
        // There are none.
    }

    @Override
    public void settled(CommittedTransaction transaction) {
        // Nothing was stored.
    }

    @Override
    public void sweep(Existence records) {
        // Nothing was left.
    }

    @Override
    public Removal beginRemoval() {
        return new Removal() {
            @Override
            public void add(long oid, long tid) {
                // There is no file.
            }

            @Override
            public void sync() {
                // Nothing was listed.
            }

            @Override
            public void carryOut(Existence records) {
                // Nothing was listed.
            }

            @Override
            public void drop() {
                // Nothing was listed.
            }
        };
    }
}
