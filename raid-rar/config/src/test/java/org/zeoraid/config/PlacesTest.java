package org.zeoraid.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.zeoraid.config.syntax.ConfigurationException;

class PlacesTest {

    @TempDir
    Path temporary;

    /** Without symbolic links, as messages are compared. */
    private Path folder = Path.of("");

    @BeforeEach
    void resolveTheFolder() throws IOException {
        folder = temporary.toRealPath();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "path a/Data.fs | the folder of <filestorage b>, DIR/a, is the same folder as the folder of <filestorage a>"
                        + " of DIR/zeo.conf:3; expected a folder of its own",
                "path a/Other.fs | the folder of <filestorage b>, DIR/a, is the same folder as the folder of <filestorage a>"
                        + " of DIR/zeo.conf:3; expected a folder of its own",
                "path ./x/../a/Data.fs | the folder of <filestorage b>, DIR/a, is the same folder as the folder of"
                        + " <filestorage a> of DIR/zeo.conf:3; expected a folder of its own",
                "path a/b/Data.fs | the folder of <filestorage b>, DIR/a/b, lies inside the folder of <filestorage a> of"
                        + " DIR/zeo.conf:3, DIR/a; expected a folder of its own",
                "path Data.fs | the folder of <filestorage b>, DIR, contains the folder of <filestorage a> of"
                        + " DIR/zeo.conf:3, DIR/a; expected a folder of its own",
            })
    void membersKeepOutOfEachOthersFolders(String path, String text) {
        refused(
                6,
                text,
                "<raidstorage main>\n<filestorage a>\npath a/Data.fs\n</filestorage>\n<filestorage b>\n" + path
                        + "\n</filestorage>\n</raidstorage>");
    }

    @Test
    void membersKeepOutOfEachOthersBlobs() {
        refused(
                7,
                "the blob-dir of <filestorage b>, DIR/a/blobs, lies inside the folder of <filestorage a> of"
                        + " DIR/zeo.conf:3, DIR/a; expected a folder of its own",
                "<raidstorage main>\n<filestorage a>\npath a/Data.fs\n</filestorage>\n<filestorage b>\npath b/Data.fs\n"
                        + "blob-dir a/blobs\n</filestorage>\n</raidstorage>");
    }

    @Test
    void membersOfDifferentArraysKeepApartToo() {
        refused(
                8,
                "the folder of <filestorage b>, DIR/a, is the same folder as the folder of <filestorage a> of"
                        + " DIR/zeo.conf:3; expected a folder of its own",
                "<raidstorage one>\n" + member("a", "a") + "</raidstorage>\n<raidstorage two>\n" + member("b", "a")
                        + "</raidstorage>");
    }

    @Test
    void aSymbolicLinkHidesNothing() throws IOException {
        Files.createDirectories(folder.resolve("disk1"));
        Files.createSymbolicLink(folder.resolve("disk2"), folder.resolve("disk1"));

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> parse("<raidstorage main>\n" + member("a", "disk1/data") + member("b", "disk2/data")
                        + "</raidstorage>"))
                .withMessageContaining("is the same folder as");
    }

    @Test
    void theStateOfAnArrayDoesNotLieWithAMember() {
        refused(
                2,
                "the state-dir of <raidstorage main>, DIR/a, is the same folder as the folder of <filestorage a> of"
                        + " DIR/zeo.conf:4; expected a folder of its own",
                "<raidstorage main>\nstate-dir a\n" + member("a", "a") + member("b", "b") + "</raidstorage>");
        refused(
                2,
                "the blob-dir of <raidstorage main>, DIR/b/blobs/tmp, lies inside the blob-dir of <filestorage b> of"
                        + " DIR/zeo.conf:6, DIR/b/blobs; expected a folder of its own",
                "<raidstorage main>\nblob-dir b/blobs/tmp\n" + member("a", "a") + member("b", "b") + "</raidstorage>");
    }

    @Test
    void aMemberMayLieBesideTheConfigurationAndItsArraysState() {
        assertThat(parse("<raidstorage main>\n" + member("a", ".") + "</raidstorage>")
                        .arrays())
                .hasSize(1);
    }

    @Test
    void twoArraysDoNotShareTheirState() {
        refused(
                6,
                "the state-dir of <raidstorage two>, DIR/state, is the same folder as the state-dir of <raidstorage one> of"
                        + " DIR/zeo.conf:2; expected a folder of its own",
                "<raidstorage one>\nstate-dir state\n<mappingstorage a/>\n</raidstorage>\n"
                        + "<raidstorage two>\nstate-dir state\n<mappingstorage a/>\n</raidstorage>");
    }

    @Test
    void membersMayLieBelowTheStateOfTheirArray() {
        assertThat(parse("<raidstorage main>\nstate-dir .\n" + member("a", "a") + member("b", "b") + "</raidstorage>")
                        .arrays())
                .hasSize(1);
    }

    @Test
    void aReadOnlyMemberNeedsAReadOnlyArray() {
        String member = "<filestorage a>\npath a/Data.fs\nread-only on\n</filestorage>\n";

        refused(
                2,
                "<filestorage a> is read-only, and <raidstorage main> writes to all its members; set 'read-only on' for the"
                        + " array, or take it out of the member",
                "<raidstorage main>\n" + member + "</raidstorage>");
        assertThat(parse("<raidstorage main>\nread-only on\n" + member + "</raidstorage>")
                        .arrays())
                .hasSize(1);
    }

    private static String member(String name, String path) {
        return "<filestorage " + name + ">\npath " + path + "/Data.fs\n</filestorage>\n";
    }

    private void refused(int line, String text, String configuration) {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> parse(configuration))
                .withMessage(folder + "/zeo.conf:" + line + ": " + text.replace("DIR", folder.toString()));
    }

    private RaidConfiguration parse(String text) {
        Path file = folder.resolve("zeo.conf");
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return RaidConfiguration.parse(file);
    }
}
