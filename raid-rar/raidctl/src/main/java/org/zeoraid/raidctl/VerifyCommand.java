package org.zeoraid.raidctl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.zeoraid.file.FileMember;
import org.zeoraid.file.FileOptions;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.seam.SystemEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code raidctl verify FILE}. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Reads a Data.fs whole and checks it: structure, records, checksums where a member has them, blobs.",
            "Changes nothing. A file that a server has open is checked as far as it goes now.",
            "For a member of a running array use scrub."
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:sound", "2:damaged", "3:cannot be read"})
final class VerifyCommand implements Callable<Integer>, Check {

    @Mixin
    private Common common = new Common();

    @Parameters(paramLabel = "FILE", description = "A Data.fs of ZODB or of a member.")
    private Path file = Path.of("");

    @Option(
            names = "--blob-dir",
            paramLabel = "DIR",
            description = "The folder of its blobs; unless given, 'blobs' beside the file where there is one.")
    private @Nullable Path blobs;

    @Override
    public Integer call() {
        Path path = file.toAbsolutePath().normalize();
        if (!Files.isRegularFile(path)) {
            throw Refusal.failed("there is no file " + path);
        }
        Path beside = path.resolveSibling("blobs");
        Optional<Path> folder =
                Optional.ofNullable(blobs).or(() -> Optional.of(beside).filter(Files::isDirectory));
        if (folder.isPresent() && !Files.isDirectory(folder.get())) {
            throw Refusal.failed("there is no folder " + folder.get());
        }
        FileOptions options =
                FileOptions.of(String.valueOf(path.getFileName()), path).withAccess(FileOptions.Access.READ_ONLY);
        if (folder.isPresent()) {
            options = options.withBlobFolder(folder.get().toAbsolutePath());
        }
        Terminal terminal = Terminal.on(common.err());
        VerifyResult result;
        Tid last = Tid.NONE;
        long unfinished = 0;
        try (SystemEnvironment environment = new SystemEnvironment("raidctl")) {
            // Before it is opened: what others finish meanwhile does not count.
            long size = Files.size(path);
            try (TransactionLog log = Await.answer(new FileMember(options, environment).open())) {
                result = Await.answer(log.verify(progress -> terminal.show("verifies: "
                        + Units.bytes(progress.done()) + " of " + Units.bytes(progress.total()) + "  "
                        + Units.percent(progress.done(), progress.total()))));
                last = Await.answer(log.lastTid());
                unfinished = Math.max(0, size - Await.answer(log.stats()).bytes());
            }
        } catch (IOException e) {
            throw Refusal.failed("cannot read " + path + ": " + e.getMessage(), e);
        } catch (CorruptedException e) {
            result = new VerifyResult(0, 0, 0, java.util.List.of(String.valueOf(e.getMessage())));
        } finally {
            terminal.clear();
        }
        tell(path, folder, result, last, unfinished);
        return result.isSound() ? Exit.OPTIMAL : Exit.CRITICAL;
    }

    private void tell(Path path, Optional<Path> blobFolder, VerifyResult result, Tid last, long unfinished) {
        if (common.json()) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("file", path.toString());
            answer.put("sound", result.isSound());
            answer.put("transactions", result.transactions());
            answer.put("records", result.records());
            answer.put("unverified", result.unverified());
            answer.put("blobFolder", blobFolder.map(Path::toString).orElse(null));
            answer.put("lastTid", last.toString());
            answer.put("unfinishedBytes", unfinished);
            answer.put("damages", result.damages());
            common.out().println(Json.of(answer));
            return;
        }
        common.out()
                .println(path + ": " + (result.isSound() ? "sound" : "DAMAGED") + ", " + result.transactions()
                        + " transactions, " + result.records() + " records"
                        + (result.unverified() > 0
                                ? ", " + result.unverified() + " of them without a checksum to compare with"
                                : "")
                        + (blobFolder.isEmpty() ? ", without a folder of blobs" : "")
                        + "; last transaction " + Units.tid(last)
                        + (unfinished > 0 ? ", and behind it " + Units.bytes(unfinished) + " of no finished one" : ""));
        result.damages().forEach(damage -> common.out().println("  " + damage));
    }
}
