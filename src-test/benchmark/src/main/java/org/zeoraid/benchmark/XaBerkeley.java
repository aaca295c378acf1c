package org.zeoraid.benchmark;

import com.sleepycat.je.Database;
import com.sleepycat.je.DatabaseConfig;
import com.sleepycat.je.DatabaseEntry;
import com.sleepycat.je.Durability;
import com.sleepycat.je.EnvironmentConfig;
import com.sleepycat.je.OperationStatus;
import com.sleepycat.je.XAEnvironment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import javax.transaction.xa.XAResource;

/** Berkeley DB Java Edition, in this process. */
final class XaBerkeley implements XaTarget {

    private final XAEnvironment environment;
    private final Database objects;
    private final int bytes;
    private final AtomicLong last = new AtomicLong();

    XaBerkeley(Path folder, int bytes) throws IOException {
        this.bytes = bytes;
        Files.createDirectories(folder);
        EnvironmentConfig configuration = new EnvironmentConfig();
        configuration.setAllowCreate(true).setTransactional(true).setDurability(Durability.COMMIT_SYNC);
        environment = new XAEnvironment(folder.toFile(), configuration);
        objects = environment.openDatabase(
                null, "objects", new DatabaseConfig().setAllowCreate(true).setTransactional(true));
    }

    @Override
    public String name() {
        return "Berkeley DB JE";
    }

    @Override
    public Client client() {
        return new OneRecord(last.incrementAndGet());
    }

    @Override
    public void close() {
        objects.close();
        environment.close();
    }

    private final class OneRecord implements Client {

        private final DatabaseEntry key;
        private final DatabaseEntry data;

        OneRecord(long oid) {
            key = new DatabaseEntry(ByteBuffer.allocate(Long.BYTES).putLong(oid).array());
            byte[] random = new byte[bytes];
            new Random(oid).nextBytes(random);
            data = new DatabaseEntry(random);
            put();
        }

        private void put() {
            if (objects.put(null, key, data) != OperationStatus.SUCCESS) {
                throw new IllegalStateException("not stored");
            }
        }

        @Override
        public XAResource resource() {
            return environment;
        }

        /** In the transaction that the thread has been started in. */
        @Override
        public void change() {
            put();
        }
    }
}
