package org.zeoraid.benchmark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.zeoraid.array.ArrayConfiguration;
import org.zeoraid.array.ArrayOptions;
import org.zeoraid.array.FailMode;
import org.zeoraid.array.RaidArray;
import org.zeoraid.file.FileMember;
import org.zeoraid.file.FileOptions;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.commit.CommitOptions;
import org.zeoraid.storage.commit.TransactionalStorage;
import org.zeoraid.storage.seam.SystemEnvironment;

/**
 * A folder with arrays and storages in it, for one measurement; emptied before and after. Where there are other disks, an
 * array's members from the second on lie there, in folders of the same name.
 */
final class Bed implements AutoCloseable {

    private static final long MINUTES = 10;

    /** {@code -Dbenchmark.disks=DIR:DIR}, for an array's members from the second on, in turn. */
    private static final List<Path> OTHER_DISKS = Stream.of(
                    System.getProperty("benchmark.disks", "").split(File.pathSeparator))
            .filter(disk -> !disk.isEmpty())
            .map(disk -> Path.of(disk).toAbsolutePath())
            .toList();

    private final Path folder;
    private final SystemEnvironment environment = new SystemEnvironment();
    private final List<AutoCloseable> open = new ArrayList<>();

    Bed(Path folder) {
        this.folder = folder;
        homes(folder).forEach(Bed::clear);
    }

    Path folder() {
        return folder;
    }

    SystemEnvironment environment() {
        return environment;
    }

    /** An array of as many file members as wanted, named a, b, c and so on, without blobs. */
    RaidArray array(int members) {
        return array(members, this::member);
    }

    /** Such an array, with blobs. */
    RaidArray arrayWithBlobs(int members) {
        return array(members, this::memberWithBlobs);
    }

    private RaidArray array(int members, Function<Path, MemberSource> kind) {
        List<MemberSource> sources = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            sources.add(kind.apply(home(folder, i).resolve("array/" + (char) ('a' + i))));
        }
        return array(() -> new ArrayConfiguration(
                "main", sources, folder.resolve("array/state"), FailMode.CLOSE, false, ArrayOptions.DEFAULT));
    }

    /** An array that is configured at will, and may be again. */
    RaidArray array(Supplier<ArrayConfiguration> configurations) {
        RaidArray array = RaidArray.open(environment, configurations);
        open.add(array);
        await(array.serving());
        return array;
    }

    /** A storage over a single file, without an array. */
    Storage file(String name) {
        Storage storage = await(member(folder.resolve(name))
                .open()
                .thenCompose(log -> TransactionalStorage.open(
                        name, log, environment, CommitOptions.spillingTo(folder.resolve(name + "-work")))));
        open.add(storage);
        return storage;
    }

    private MemberSource member(Path home) {
        return new FileMember(options(home), environment);
    }

    /** A file member of the folder's name, with blobs in a folder beneath. */
    MemberSource memberWithBlobs(Path home) {
        return new FileMember(options(home).withBlobFolder(home.resolve("blobs")), environment);
    }

    private static FileOptions options(Path home) {
        try {
            Files.createDirectories(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return FileOptions.of(home.getFileName().toString(), home.resolve("Data.fs"));
    }

    static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(MINUTES, TimeUnit.MINUTES).join();
    }

    @Override
    public void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        environment.close();
        homes(folder).forEach(Bed::clear);
    }

    /** The folder itself, and its like on the other disks. */
    private static List<Path> homes(Path folder) {
        return Stream.concat(Stream.of(folder), OTHER_DISKS.stream().map(disk -> disk.resolve(folder.getFileName())))
                .toList();
    }

    /** Where an array's member of a number lies. */
    static Path home(Path folder, int member) {
        return member == 0 || OTHER_DISKS.isEmpty()
                ? folder
                : OTHER_DISKS.get((member - 1) % OTHER_DISKS.size()).resolve(folder.getFileName());
    }

    static void clear(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
