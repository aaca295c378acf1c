package org.zeoraid.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.config.member.MemberKinds;
import org.zeoraid.config.syntax.ConfigurationException;

/** Whatever stands in a file, it is understood or refused with a place and a text; nothing else ever happens. */
class RandomTextTest {

    private static final int ROUNDS = Integer.getInteger("raid.test.rounds", 3_000);

    private static final List<String> WORDS = List.of(
            "<raidstorage main>",
            "<raidstorage>",
            "</raidstorage>",
            "<filestorage a>",
            "<filestorage b/>",
            "</filestorage>",
            "<mappingstorage m/>",
            "<mappingstorage m",
            "<zeo>",
            "</zeo>",
            "<ssl>",
            "</ssl>",
            "<runner/>",
            "<eventlog>",
            "</eventlog>",
            "address 8100",
            "address [::1:80",
            "path a/Data.fs",
            "path ../../..",
            "path /",
            "path \0",
            "path $X",
            "quota 1GB",
            "quota -1",
            "%define X $X$X",
            "%define X /srv",
            "%define",
            "%include zeo.conf",
            "%include part.conf",
            "%include \0",
            "%import p",
            "%",
            "<",
            ">",
            "</",
            "<>",
            "</>",
            "< >",
            "<a b/>",
            "$",
            "${",
            "$(",
            "$(HOME)",
            "state-dir a",
            "blob-dir .",
            "fail-mode close",
            "fail-mode",
            "hedge-delay 9d",
            "# x",
            "",
            " ",
            "\t\u0000",
            "\uFEFF",
            "é",
            "\uD83D\uDE00 x",
            "read-only on",
            "cluster-mode coop",
            "shelf 13",
            "<shelfstorage s>",
            "</shelfstorage>");

    @TempDir
    Path folder;

    @Test
    void nothingButAConfigurationOrARefusalComesOut() throws IOException {
        MemberKinds kinds = MemberKinds.find();
        Path file = folder.resolve("zeo.conf");
        Files.writeString(folder.resolve("part.conf"), "<mappingstorage p/>\n%define X part\n");
        int accepted = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            String text = text(new Random(seed));
            Files.writeString(file, text);
            try {
                assertThat(RaidConfiguration.parse(file, kinds).arrays()).isNotEmpty();
                accepted++;
            } catch (ConfigurationException e) {
                assertThat(e.problems()).as("seed %s: %s", seed, text).allSatisfy(problem -> {
                    assertThat(problem.position().file()).isNotBlank();
                    assertThat(problem.text()).isNotBlank().doesNotContain("null", "Exception");
                });
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + text, e);
            }
        }
        assertThat(accepted).as("some are configurations, or this shows little").isPositive();
    }

    /** Sections that mostly close, with a few lines out of place. */
    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        if (random.nextInt(4) > 0) {
            text.append("<raidstorage main>\n<mappingstorage x/>\n");
        }
        int lines = random.nextInt(6);
        for (int i = 0; i < lines; i++) {
            text.append(WORDS.get(random.nextInt(WORDS.size()))).append(random.nextInt(20) == 0 ? "" : "\n");
        }
        if (text.indexOf("<raidstorage main>") == 0 && random.nextInt(10) > 0) {
            text.append("</raidstorage>\n");
        }
        return text.toString();
    }
}
