package org.zeoraid.raidctl.copy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.zeoraid.config.ArraySet;
import org.zeoraid.config.ConfiguredArray;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.file.FileMember;
import org.zeoraid.file.FileOptions;
import org.zeoraid.raidctl.Await;
import org.zeoraid.raidctl.Refusal;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.client.ClientTls;
import org.zeoraid.zeo.client.ZeoMember;
import org.zeoraid.zeo.client.ZeoOptions;

/** Opens the ends of a copy. */
final class Ends {

    private static final Duration CONNECTING = Duration.ofSeconds(10);
    private static final Duration ASSEMBLY = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMillis(20);

    /** What an end is opened for. */
    enum Use {
        READ,
        WRITE
    }

    private Ends() {}

    /**
     * Opens an end.
     *
     * @param blobs the folder of a file's blobs; unless it is given, {@code blobs} beside the file
     * @param tls for a server whose address says so
     * @throws Refusal if there is nothing to read, or no array of that name
     */
    static End open(Place place, Use use, Optional<Path> blobs, ClientTls tls) {
        if (place instanceof Place.DataFile file) {
            return file(file, use, blobs);
        }
        if (blobs.isPresent()) {
            throw Refusal.wrongUse("a folder of blobs belongs to a file, and " + place + " is none");
        }
        return place instanceof Place.Configured array ? array(array) : served((Place.Served) place, use, tls);
    }

    private static End file(Place.DataFile file, Use use, Optional<Path> blobs) {
        Path path = file.path().toAbsolutePath().normalize();
        if (use == Use.READ && !Files.isRegularFile(path)) {
            throw Refusal.failed("there is no file " + path);
        }
        if (blobs.isPresent() && use == Use.READ && !Files.isDirectory(blobs.get())) {
            throw Refusal.failed("there is no folder " + blobs.get());
        }
        Path beside = path.resolveSibling("blobs");
        FileOptions options = FileOptions.of(String.valueOf(path.getFileName()), path);
        if (blobs.isPresent() || use == Use.WRITE || Files.isDirectory(beside)) {
            options = options.withBlobFolder(blobs.orElse(beside).toAbsolutePath());
        }
        if (use == Use.READ) {
            options = options.withAccess(FileOptions.Access.READ_ONLY);
        }
        SystemEnvironment environment = new SystemEnvironment("raidctl");
        try {
            TransactionLog log = Await.answer(new FileMember(options, environment).open());
            return new LogEnd(log, environment::close);
        } catch (StorageException e) {
            environment.close();
            throw e;
        }
    }

    private static End array(Place.Configured place) {
        RaidConfiguration configuration = RaidConfiguration.parse(place.configuration());
        ArraySet set = ArraySet.open(configuration);
        try {
            ConfiguredArray found = find(set, place);
            awaitAssembly(found);
            return new ArrayEnd(found.storage(), set::close);
        } catch (RuntimeException e) {
            set.close();
            throw e;
        }
    }

    /** An array opens at once and is assembled when its members have been seen. */
    private static void awaitAssembly(ConfiguredArray array) {
        long deadline = System.nanoTime() + ASSEMBLY.toNanos();
        while (array.administration().status().state() == ArrayState.FAILED) {
            if (System.nanoTime() > deadline) {
                throw Refusal.failed("array " + array.name() + " does not serve: "
                        + array.administration().status().reason());
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    private static ConfiguredArray find(ArraySet set, Place.Configured place) {
        if (place.array().isEmpty() && set.arrays().size() == 1) {
            return set.arrays().get(0);
        }
        return set.array(place.array())
                .orElseThrow(() -> Refusal.wrongUse((place.array().isEmpty() ? "which array of " : "no such array in ")
                        + place.configuration() + "? There are: "
                        + set.arrays().stream().map(ConfiguredArray::name).collect(Collectors.joining(", "))));
    }

    private static End served(Place.Served place, Use use, ClientTls tls) {
        SystemEnvironment environment = new SystemEnvironment("raidctl");
        ZeoOptions options = ZeoOptions.of("raidctl", place.storage(), place.address())
                .withWaitTimeout(CONNECTING)
                .withAccess(use == Use.READ ? ZeoOptions.Access.READ_ONLY : ZeoOptions.Access.READ_WRITE);
        if (place.security() == Place.Security.TLS) {
            options = options.withTls(tls);
        }
        try {
            return new LogEnd(Await.answer(new ZeoMember(options, environment).open()), environment::close);
        } catch (StorageException e) {
            environment.close();
            throw Refusal.unreachable(place + ": " + e.getMessage(), e);
        }
    }
}
