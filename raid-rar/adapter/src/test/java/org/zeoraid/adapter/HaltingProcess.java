package org.zeoraid.adapter;

import jakarta.transaction.TransactionManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/**
 * A process with an array of three files, a file as the second resource, and Narayana, that first recovers what the one before it
 * left, says whether both sides agree, and then runs transactions until it is halted at the point that it is told.
 *
 * <p>Arguments: the folder; the name of the point; how often it is passed before the halt comes. Ends with {@link #AGREED} if it
 * has run through, {@link #HALTED} if it was halted, anything else if something is wrong.
 */
final class HaltingProcess {
    static final int AGREED = 0;
    static final int HALTED = 77;
    private static final int TRANSACTIONS = 4;
    private static final Oid OID = new Oid(1);

    private final Path folder;
    private final HaltingPoints points;
    private final FileAccounts file;
    private final HaltingServer server;

    private HaltingProcess(Path folder, HaltingPoints points) {
        this.folder = folder;
        this.points = points;
        this.file = new FileAccounts(folder.resolve("file"));
        this.server = new HaltingServer(folder, points, file.new Session());
    }

    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        HaltingPoints points = new HaltingPoints(arguments[1], Integer.parseInt(arguments[2]), folder);
        end(() -> new HaltingProcess(folder, points).run());
    }

    /** What a process does. */
    interface Task {
        void run() throws Exception;
    }

    /** Ends the process, when its task is done or has failed. */
    static void end(Task task) {
        try {
            task.run();
        } catch (Throwable e) {
            e.printStackTrace();
            System.err.flush();
            Runtime.getRuntime().halt(1);
        }
        Runtime.getRuntime().halt(AGREED);
    }

    private void run() throws Exception {
        server.start();
        agree();
        points.arm();
        for (int i = 0; i < TRANSACTIONS; i++) {
            work();
            agree();
        }
    }

    /** Both sides have the same, and it is not less than what was acknowledged. */
    private void agree() throws Exception {
        long here = value();
        long there = file.number("value");
        long acknowledged = acknowledged();
        if (here != there || here < acknowledged) {
            throw new IllegalStateException(
                    "the array has " + here + ", the file " + there + ", acknowledged was " + acknowledged);
        }
    }

    private long value() throws Exception {
        RaidConnection connection = server.handle(server.connect());
        try {
            return Long.parseLong(MemoryArray.text(connection.load(OID).data()));
        } catch (ObjectNotFoundException e) {
            return 0;
        }
    }

    private Path acknowledgements() {
        return folder.resolve("acknowledged");
    }

    private long acknowledged() throws Exception {
        Path file = acknowledgements();
        return Files.exists(file) ? Files.size(file) : 0;
    }

    private void work() throws Exception {
        long next = file.number("value") + 1;
        RaidManagedConnection managed = server.connect();
        FileAccounts.Session session = file.new Session();
        TransactionManager transactions = server.begin(managed, session);
        RaidConnection connection = server.handle(managed);
        Tid based = Tid.NONE;
        try {
            based = connection.load(OID).serial();
        } catch (ObjectNotFoundException e) {
            // The first transaction creates it.
        }
        connection.store(OID, based, MemoryArray.bytes(Long.toString(next)));
        session.add("value", 1);
        points.pass("work done");
        transactions.commit();
        while (acknowledged() < next) {
            Files.write(acknowledgements(), new byte[1], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
        points.pass("acknowledged");
    }
}
