package org.zeoraid.benchmark;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ManagedConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.transaction.xa.XAResource;
import org.zeoraid.adapter.RaidManagedConnectionFactory;
import org.zeoraid.adapter.RaidResourceAdapter;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.Oid;

/** An array of two file members behind its resource adapter, as a server has it, without the server. */
final class XaArray implements XaTarget {

    private final RaidResourceAdapter adapter = new RaidResourceAdapter();
    private final RaidManagedConnectionFactory factory = new RaidManagedConnectionFactory();
    private final int bytes;

    XaArray(Path folder, int bytes) throws Exception {
        this.bytes = bytes;
        Files.createDirectories(folder.resolve("a"));
        Files.createDirectories(folder.resolve("b"));
        adapter.setConfigFile(Files.writeString(folder.resolve("zeo.conf"), """
                        <raidstorage main>
                          state-dir state
                          <filestorage a>
                            path a/Data.fs
                          </filestorage>
                          <filestorage b>
                            path b/Data.fs
                          </filestorage>
                        </raidstorage>
                        """).toString());
        adapter.setZeoAddress("none");
        adapter.start(null);
        factory.setResourceAdapter(adapter);
    }

    @Override
    public String name() {
        return "array of two";
    }

    ManagedConnection connect() {
        try {
            return factory.createManagedConnection(null, null);
        } catch (ResourceException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public XaArray.User client() throws ResourceException {
        return new User(connect(), bytes);
    }

    @Override
    public void close() {
        adapter.stop();
    }

    /** A managed connection as a pool has it; whoever works with it takes a handle for as long as that lasts. */
    static final class User implements Client {

        private final ManagedConnection connection;
        private final XAResource resource;
        private final Oid oid;
        private final byte[] data;

        private User(ManagedConnection connection, int bytes) throws ResourceException {
            this.connection = connection;
            this.resource = connection.getXAResource();
            this.data = new byte[bytes];
            new Random(1).nextBytes(data);
            try (RaidConnection handle = handle()) {
                oid = handle.create(data);
            }
        }

        RaidConnection handle() {
            try {
                return (RaidConnection) connection.getConnection(null, null);
            } catch (ResourceException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public XAResource resource() {
            return resource;
        }

        @Override
        public void change() {
            try (RaidConnection handle = handle()) {
                handle.store(oid, data);
            }
        }
    }
}
