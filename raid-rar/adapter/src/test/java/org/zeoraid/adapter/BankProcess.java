package org.zeoraid.adapter;

import jakarta.transaction.RollbackException;
import jakarta.transaction.TransactionManager;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.pickle.BlobRecords;

/**
 * A bank with accounts in an array and others in a file, whose clerks transfer money between them, several at once, until the process
 * is halted. What was in doubt is recovered first. However often that happens no money comes or goes, and the two sides agree on the
 * last transfer of each clerk, which the array keeps in a blob.
 *
 * <p>Arguments: the folder; the name of the point; how often it is passed before the halt comes; {@code early} if points count from
 * the start on, so that the recovery is halted. Ends like {@link HaltingProcess}.
 */
final class BankProcess {
    private static final int CLERKS = 8;
    private static final int TRANSFERS = 5;
    private static final int ACCOUNTS = 6;
    private static final long LAST = 100;
    private static final long MARKS = 200;

    private final Path folder;
    private final HaltingPoints points;
    private final FileAccounts file;
    private final HaltingServer server;

    private BankProcess(Path folder, HaltingPoints points) {
        this.folder = folder;
        this.points = points;
        this.file = new FileAccounts(folder.resolve("file"));
        this.server = new HaltingServer(folder, points, file.new Session());
    }

    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        HaltingPoints points = new HaltingPoints(arguments[1], Integer.parseInt(arguments[2]), folder);
        HaltingProcess.end(() -> {
            if (arguments[3].equals("early")) {
                points.arm();
            }
            new BankProcess(folder, points).run();
        });
    }

    private void run() throws Exception {
        server.start();
        agree();
        points.arm();
        ExecutorService clerks = Executors.newFixedThreadPool(CLERKS);
        List<Future<?>> work = new ArrayList<>();
        for (int i = 0; i < CLERKS; i++) {
            Clerk clerk = new Clerk(i);
            work.add(clerks.submit(clerk));
        }
        for (Future<?> each : work) {
            each.get();
        }
        agree();
    }

    private void agree() throws Exception {
        RaidConnection connection = server.handle(server.connect());
        long money = 0;
        for (int account = 0; account < ACCOUNTS; account++) {
            money += number(connection, new Oid(account + 1)) + file.number("account-" + account);
        }
        require(money == 0, "money that came or went: " + money);
        for (int clerk = 0; clerk < CLERKS; clerk++) {
            long last = file.number("last-" + clerk);
            require(
                    last(connection, clerk) == last,
                    "clerk " + clerk + ": the file has " + last + " transfers, the array " + last(connection, clerk));
            require(last >= acknowledged(clerk), "clerk " + clerk + ": lost " + acknowledged(clerk) + ", has " + last);
            require(
                    number(connection, new Oid(MARKS + clerk)) == file.number("mark-" + clerk),
                    "clerk " + clerk + ": the file has mark " + file.number("mark-" + clerk) + ", the array "
                            + number(connection, new Oid(MARKS + clerk)));
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    private static long number(RaidConnection connection, Oid oid) {
        try {
            return Long.parseLong(MemoryArray.text(connection.load(oid).data()));
        } catch (ObjectNotFoundException e) {
            return 0;
        }
    }

    private static long last(RaidConnection connection, int clerk) throws Exception {
        try (InputStream blob = connection.blob(new Oid(LAST + clerk)).open()) {
            return Long.parseLong(MemoryArray.text(blob.readAllBytes()));
        } catch (ObjectNotFoundException e) {
            return 0;
        }
    }

    // Acknowledgements.

    private Path acknowledgement(int clerk) {
        return folder.resolve("acknowledged-" + clerk);
    }

    private long acknowledged(int clerk) throws Exception {
        Path path = acknowledgement(clerk);
        return Files.exists(path) ? Long.parseLong(Files.readString(path)) : 0;
    }

    private void acknowledge(int clerk, long number) throws Exception {
        Path fresh = folder.resolve("fresh-" + clerk);
        Files.writeString(fresh, Long.toString(number));
        Files.move(fresh, acknowledgement(clerk), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Something done in a transaction. */
    private interface Work {
        void in(RaidConnection connection, FileAccounts.Session session) throws Exception;
    }

    private final class Clerk implements Callable<Void> {
        private final int number;
        private final SplittableRandom random;
        private long last;

        Clerk(int number) {
            this.number = number;
            this.last = file.number("last-" + number);
            this.random = new SplittableRandom(last * CLERKS + number);
        }

        @Override
        public Void call() throws Exception {
            for (int i = 0; i < TRANSFERS; i++) {
                switch (random.nextInt(4)) {
                    case 0 -> changeTheirMind();
                    case 1 -> markAndUndo();
                    default -> commit(this::transfer);
                }
            }
            return null;
        }

        private void transfer(RaidConnection connection, FileAccounts.Session session) {
            int account = random.nextInt(ACCOUNTS);
            int amount = 1 + random.nextInt(100);
            add(connection, account, -amount);
            if (random.nextBoolean()) {
                session.add("account-" + random.nextInt(ACCOUNTS), amount);
            } else {
                int half = amount / 2;
                add(connection, (account + 1) % ACCOUNTS, half);
                session.add("account-" + random.nextInt(ACCOUNTS), amount - half);
            }
        }

        private void add(RaidConnection connection, int account, long amount) {
            Oid oid = new Oid(account + 1);
            connection.store(oid, MemoryArray.bytes(Long.toString(number(connection, oid) + amount)));
        }

        private void changeTheirMind() throws Exception {
            RaidManagedConnection managed = server.connect();
            FileAccounts.Session session = file.new Session();
            TransactionManager transactions = server.begin(managed, session);
            transfer(server.handle(managed), session);
            points.pass("before the rollback");
            transactions.rollback();
        }

        /** A transaction of what only this clerk works with, undone by the next one. */
        private void markAndUndo() throws Exception {
            long[] before = {0};
            Tid marked = commit((connection, session) -> {
                Oid oid = new Oid(MARKS + number);
                before[0] = number(connection, oid);
                connection.store(oid, MemoryArray.bytes(Long.toString(last)));
                session.add("mark-" + number, last - before[0]);
            });
            if (before[0] == 0) {
                return; // an undo of what created them leaves nothing to compare
            }
            long mark = last - 1;
            acknowledge(number, last - 1);
            commitOnce((connection, session) -> {
                connection.undo(marked);
                session.add("mark-" + number, before[0] - mark);
                session.add("last-" + number, -1);
            });
            last--;
        }

        /** Together with the number of the transaction; again after a conflict. */
        private Tid commit(Work work) throws Exception {
            Tid tid = commitOnce((connection, session) -> {
                work.in(connection, session);
                byte[] next = MemoryArray.bytes(Long.toString(last + 1));
                connection.storeBlob(new Oid(LAST + number), BlobRecords.record(), new ByteArrayInputStream(next));
                session.add("last-" + number, 1);
            });
            last++;
            acknowledge(number, last);
            points.pass("acknowledged");
            return tid;
        }

        private Tid commitOnce(Work work) throws Exception {
            while (true) {
                RaidManagedConnection managed = server.connect();
                FileAccounts.Session session = file.new Session();
                TransactionManager transactions = server.begin(managed, session);
                RaidConnection connection = server.handle(managed);
                var outcome = connection.outcome();
                work.in(connection, session);
                points.pass("work done");
                try {
                    transactions.commit();
                    return Stages.await(outcome);
                } catch (RollbackException e) {
                    // A conflict: once more.
                }
            }
        }
    }
}
