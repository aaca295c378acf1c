package org.zeoraid.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.DiskFile;

/**
 * The list of blob files that a pack drops, or whose records are cut off: oid 8, tid 8 each, in a file that is durable
 * before that takes effect and deleted when all of them are gone. Whoever opens the folder carries it out; a revision that
 * still has its record, as all have if it did not take effect, is left alone. For one thread at a time.
 */
final class BlobRemoval implements Blobs.Removal {

    private static final int ENTRY = 16;

    /**
     * So many are taken away before folders are synced: those that they lay in are mostly the same, and where each got one of
     * its own the first sync does nearly all of the work.
     */
    private static final int AT_ONCE = 4096;

    /** Why they go. */
    enum Reason {
        PACK("packed-away.raid"),
        CUT("cut-off.raid");

        private final String list;

        Reason(String list) {
            this.list = list;
        }
    }

    private final BlobFolder folder;
    private final Reason reason;
    private final ByteBuffer buffer = ByteBuffer.allocate(4096 * ENTRY);
    private @Nullable DiskFile file;
    private long written;

    BlobRemoval(BlobFolder folder, Reason reason) {
        this.folder = folder;
        this.reason = reason;
    }

    private Path list() {
        return folder.tmp().resolve(reason.list);
    }

    @Override
    public void add(long oid, long tid) throws IOException {
        if (!buffer.hasRemaining()) {
            write();
        }
        buffer.putLong(oid).putLong(tid);
    }

    private void write() throws IOException {
        DiskFile target = file;
        if (target == null) {
            target = folder.disk().open(list());
            file = target;
            target.truncate(0);
        }
        int length = buffer.flip().remaining();
        target.write(buffer, written);
        written += length;
        buffer.clear();
    }

    @Override
    public void sync() throws IOException {
        if (buffer.position() == 0 && file == null) {
            return;
        }
        write();
        if (file != null) {
            file.sync();
        }
        folder.disk().syncFolder(folder.tmp());
    }

    @Override
    public void carryOut(Blobs.Existence records) throws IOException {
        close();
        if (!folder.disk().exists(list())) {
            return;
        }
        if (reason == Reason.PACK) {
            folder.dropFormer();
        }
        try (DiskFile list = folder.disk().openForReading(list())) {
            ByteBuffer entry = ByteBuffer.allocate(ENTRY);
            Set<Path> changed = new LinkedHashSet<>();
            int taken = 0;
            for (long at = 0; list.read(entry.clear(), at) == ENTRY; at += ENTRY) {
                Oid oid = new Oid(entry.getLong(0));
                Tid tid = new Tid(entry.getLong(8));
                if (!records.exists(oid, tid)) {
                    if (reason == Reason.PACK) {
                        folder.drop(oid, tid, changed);
                    } else {
                        folder.take(oid, tid, changed);
                    }
                    if (++taken % AT_ONCE == 0) {
                        folder.sync(changed);
                        changed.clear();
                    }
                }
            }
            folder.sync(changed);
        }
        folder.disk().delete(list());
    }

    @Override
    public void drop() throws IOException {
        close();
        folder.disk().delete(list());
    }

    private void close() throws IOException {
        DiskFile open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }
}
