package org.zeoraid.raidctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {

    @TempDir
    Path folder;

    @Test
    void soundFilesAreToldAndNothingIsLeftBehind() throws IOException {
        Path file = Cli.fixture("history.fs", folder.resolve("Data.fs"));

        Cli.Answer answer = Cli.run("verify", file);

        assertThat(answer.code()).isEqualTo(Exit.OPTIMAL);
        assertThat(answer.out()).contains("sound, 259 transactions, 1162 records", ", without a folder of blobs;");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void howFarAFileGoesIsToldAndWhatIsBehind() throws IOException {
        Path file = Cli.fixture("history.fs", folder.resolve("Data.fs"));
        byte[] whole = Files.readAllBytes(file);
        assertThat(Cli.run("verify", file).out())
                .contains("; last transaction 040d2ed2bb984d55")
                .doesNotContain("behind it");
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));

        Cli.Answer cut = Cli.run("verify", file);

        assertThat(cut.code()).isEqualTo(Exit.OPTIMAL);
        assertThat(cut.out())
                .contains("sound, 258 transactions", "; last transaction 040d2ed2bb", " B of no finished one")
                .doesNotContain("040d2ed2bb984d55");
        assertThat(Cli.run("verify", "--json", file).out()).containsPattern("\"unfinishedBytes\": [1-9]");
    }

    @Test
    void damageInTheMiddleIsFoundAndItsPlaceTold() throws IOException {
        Path file = Cli.fixture("history.fs", folder.resolve("Data.fs"));
        byte[] bytes = Files.readAllBytes(file);
        // The length of a transaction in the middle of the file no longer fits what follows.
        int middle = indexOf(bytes, bytes.length / 2);
        bytes[middle + 15] ^= 0x40;
        Files.write(file, bytes);

        Cli.Answer answer = Cli.run("verify", "--json", file);

        assertThat(answer.code()).isEqualTo(Exit.CRITICAL);
        assertThat(answer.out()).contains("\"sound\": false");
        assertThat(answer.out()).contains("\"damages\": [\n    \"");
    }

    /** Where the transaction begins that follows a position: the tids of this file all begin with the same two bytes. */
    private static int indexOf(byte[] file, int from) {
        for (int i = from; i < file.length - 24; i++) {
            // After the tid stands the length, small, and then a blank as the status.
            if (file[i] == 0x04
                    && file[i + 1] == 0x0d
                    && file[i + 8] == 0
                    && file[i + 9] == 0
                    && file[i + 10] == 0
                    && file[i + 11] == 0
                    && file[i + 16] == ' ') {
                return i;
            }
        }
        throw new AssertionError("no transaction found");
    }
}
