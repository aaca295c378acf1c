package org.zeoraid.benchmark;

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

/** A folder with arrays and storages in it, for one measurement; emptied before and after. */
final class Bed implements AutoCloseable {

    private static final long MINUTES = 10;

    private final Path folder;
    private final SystemEnvironment environment = new SystemEnvironment();
    private final List<AutoCloseable> open = new ArrayList<>();

    Bed(Path folder) {
        this.folder = folder;
        clear(folder);
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

    private RaidArray array(int members, Function<String, MemberSource> kind) {
        List<MemberSource> sources = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            sources.add(kind.apply("array/" + (char) ('a' + i)));
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
        Storage storage = await(member(name)
                .open()
                .thenCompose(log -> TransactionalStorage.open(
                        name, log, environment, CommitOptions.spillingTo(folder.resolve(name + "-work")))));
        open.add(storage);
        return storage;
    }

    private MemberSource member(String name) {
        return new FileMember(options(name), environment);
    }

    /** A file member in a folder of this name, with blobs in another beneath. */
    MemberSource memberWithBlobs(String name) {
        return new FileMember(options(name).withBlobFolder(folder.resolve(name).resolve("blobs")), environment);
    }

    private FileOptions options(String name) {
        Path home = folder.resolve(name);
        try {
            Files.createDirectories(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return FileOptions.of(name.substring(name.lastIndexOf('/') + 1), home.resolve("Data.fs"));
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
        clear(folder);
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
