package org.zeoraid.adapter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.zeoraid.storage.BranchId;

/**
 * Numbers in a folder, as a resource manager that has nothing in common with an array. What a transaction adds to them is a file,
 * which is moved when it is committed; so transactions never conflict.
 */
final class FileAccounts {
    private static final String PREPARED = "prepared-";
    private static final String SUMS = "sums-";

    private final Path folder;
    private final Path committed;

    /** Opens what is there, and adds it up. Nothing is under way. */
    FileAccounts(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            List<Path> before = files(SUMS);
            int number = before.stream()
                    .mapToInt(path ->
                            Integer.parseInt(String.valueOf(path.getFileName()).substring(SUMS.length())))
                    .max()
                    .orElse(0);
            Path fresh = Files.createDirectories(folder.resolve("fresh"));
            if (number > 0) {
                write(fresh.resolve("before"), numbers(folder.resolve(SUMS + number)));
            }
            committed = folder.resolve(SUMS + (number + 1));
            Files.move(fresh, committed, StandardCopyOption.ATOMIC_MOVE);
            for (Path old : before) {
                for (Path file : list(old)) {
                    Files.delete(file);
                }
                Files.delete(old);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private List<Path> files(String prefix) throws IOException {
        List<Path> found = new ArrayList<>(list(folder));
        found.removeIf(path -> !String.valueOf(path.getFileName()).startsWith(prefix));
        return found;
    }

    private static void write(Path file, Map<String, Long> numbers) throws IOException {
        StringBuilder lines = new StringBuilder();
        numbers.forEach(
                (name, number) -> lines.append(name).append(' ').append(number).append('\n'));
        Files.writeString(file, lines);
    }

    /** All numbers that are not 0. */
    Map<String, Long> numbers() {
        try {
            return numbers(committed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Long> numbers(Path folder) throws IOException {
        Map<String, Long> sums = new TreeMap<>();
        for (Path file : list(folder)) {
            for (String line : Files.readAllLines(file)) {
                String[] parts = line.split(" ");
                sums.merge(parts[0], Long.parseLong(parts[1]), Long::sum);
            }
        }
        return sums;
    }

    long number(String name) {
        return numbers().getOrDefault(name, 0L);
    }

    private static XAException failed(IOException e) {
        XAException error = new XAException(XAException.XAER_RMFAIL);
        error.initCause(e);
        return error;
    }

    /** A way to the numbers, for one transaction at a time. */
    final class Session implements XAResource {
        private final Map<String, Long> pending = new TreeMap<>();

        void add(String name, long change) {
            pending.merge(name, change, Long::sum);
        }

        private Path prepared(Xid xid) throws XAException {
            return folder.resolve(PREPARED + Xids.id(xid).toString().replace(':', '_'));
        }

        @Override
        public void start(Xid xid, int flags) {
            pending.clear();
        }

        @Override
        public void end(Xid xid, int flags) {}

        @Override
        public int prepare(Xid xid) throws XAException {
            try {
                // Beside it: other transactions are prepared at the same time.
                Path fresh = folder.resolve("fresh-" + prepared(xid).getFileName());
                write(fresh, pending);
                Files.move(fresh, prepared(xid), StandardCopyOption.ATOMIC_MOVE);
                return XA_OK;
            } catch (IOException e) {
                throw failed(e);
            }
        }

        @Override
        public void commit(Xid xid, boolean onePhase) throws XAException {
            try {
                if (onePhase) {
                    prepare(xid);
                }
                if (!Files.exists(prepared(xid))) {
                    throw new XAException(XAException.XAER_NOTA);
                }
                Files.move(
                        prepared(xid),
                        committed.resolve(String.valueOf(prepared(xid).getFileName())),
                        StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw failed(e);
            }
        }

        @Override
        public void rollback(Xid xid) throws XAException {
            try {
                Files.deleteIfExists(prepared(xid));
            } catch (IOException e) {
                throw failed(e);
            }
        }

        @Override
        public Xid[] recover(int flags) {
            if ((flags & TMSTARTRSCAN) == 0) {
                return new Xid[0];
            }
            try {
                return files(PREPARED).stream()
                        .map(path -> String.valueOf(path.getFileName()).substring(PREPARED.length()))
                        .map(name -> Xids.xid(BranchId.parse(name.replace('_', ':'))))
                        .toArray(Xid[]::new);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void forget(Xid xid) {}

        @Override
        public boolean isSameRM(XAResource other) {
            return other == this;
        }

        @Override
        public int getTransactionTimeout() {
            return 0;
        }

        @Override
        public boolean setTransactionTimeout(int seconds) {
            return false;
        }
    }
}
