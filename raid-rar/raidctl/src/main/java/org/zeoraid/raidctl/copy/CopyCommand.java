package org.zeoraid.raidctl.copy;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.zeoraid.raidctl.Common;
import org.zeoraid.raidctl.Refusal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code raidctl copy FROM TO}. */
@Command(
        name = "copy",
        mixinStandardHelpOptions = true,
        description = {
            "Copies a whole history, with the tids that it has, from one storage to another. A copy that was interrupted goes"
                    + " on where it stopped. A target that holds anything but the beginning of the source is refused.",
            "FROM and TO are each one of:",
            "  path/of/Data.fs              a file; created where there is none",
            "  zeo.conf#main                the array main of a configuration, which no server has open",
            "  zeo://host:8100/main         a storage that a ZEO server serves",
            "  zeos://host:8100/main        the same over TLS",
            "  zeo+unix:/run/zeo.sock#main  the same over a Unix socket"
        })
public final class CopyCommand implements Callable<Integer> {

    @Mixin
    private Common common = new Common();

    @Mixin
    private TlsOption tls = new TlsOption();

    @Parameters(index = "0", paramLabel = "FROM", description = "What is copied; it may be in use.")
    private String from = "";

    @Parameters(index = "1", paramLabel = "TO", description = "Where to.")
    private String to = "";

    @Option(
            names = "--from-blob-dir",
            paramLabel = "DIR",
            description = "The folder of FROM's blobs, if that is a file; unless given, 'blobs' beside it.")
    private @Nullable Path fromBlobs;

    @Option(
            names = "--to-blob-dir",
            paramLabel = "DIR",
            description = "The folder of TO's blobs, if that is a file; unless given, 'blobs' beside it.")
    private @Nullable Path toBlobs;

    @Option(names = "--without-blobs", description = "Leave the files of blobs out; their records are copied.")
    private boolean withoutBlobs;

    @Override
    public Integer call() {
        Place source = Place.parse(from);
        Place target = Place.parse(to);
        if (source.equals(target)) {
            throw Refusal.wrongUse("FROM and TO are the same: " + source);
        }
        return new Report(common, source, target, tls.tls())
                .run(
                        Optional.ofNullable(fromBlobs),
                        Optional.ofNullable(toBlobs),
                        withoutBlobs ? Transfer.Blobs.LEAVE : Transfer.Blobs.COPY);
    }
}
