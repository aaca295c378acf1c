package org.zeoraid.raidctl.copy;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.zeoraid.raidctl.Common;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code raidctl import FILE}. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Fills an empty array with a Data.fs: the whole history, with the tids that it has.",
            "The array is one of a configuration that no server has open (-C FILE, -S ARRAY), or one that a server serves"
                    + " (-H, -p, -S). An import that was interrupted goes on where it stopped; an array that holds other data"
                    + " is refused."
        })
public final class ImportCommand implements Callable<Integer> {

    @Mixin
    private Common common = new Common();

    @Mixin
    private org.zeoraid.raidctl.call.ServerOption server = new org.zeoraid.raidctl.call.ServerOption();

    @Parameters(paramLabel = "FILE", description = "Any Data.fs; it may be in use.")
    private Path file = Path.of("");

    @Option(
            names = {"-C", "--configuration"},
            paramLabel = "CONF",
            description = "The configuration of the array, in place of a server.")
    private @Nullable Path configuration;

    @Option(
            names = "--blob-dir",
            paramLabel = "DIR",
            description = "The folder of FILE's blobs; unless given, 'blobs' beside it where there is one.")
    private @Nullable Path blobs;

    @Option(names = "--without-blobs", description = "Leave the files of blobs out; their records are imported.")
    private boolean withoutBlobs;

    @Override
    public Integer call() {
        Place target = configuration == null
                ? new Place.Served(server.address(), server.storage())
                : new Place.Configured(configuration, server.namedStorage().orElse(""));
        return new Report(common, new Place.DataFile(file), target, new TlsOption().tls())
                .run(
                        Optional.ofNullable(blobs),
                        Optional.empty(),
                        withoutBlobs ? Transfer.Blobs.LEAVE : Transfer.Blobs.COPY);
    }
}
