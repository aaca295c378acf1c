package org.zeoraid.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.config.member.MemberDefinition;
import org.zeoraid.config.member.Place;
import org.zeoraid.config.syntax.ConfigurationException;

class OriginTest {

    private static final String MEMBER_A = "<mappingstorage a/>\n";
    private static final String MEMBER_B = "<mappingstorage b/>\n";

    @TempDir
    Path folder;

    @Test
    void theEmbeddedDefaultIsThreeFileMembersInTheDataDirectory() {
        RaidConfiguration configuration = RaidConfiguration.embedded(folder);

        assertThat(configuration.arrays()).hasSize(1);
        ArrayDefinition main = configuration.array("main").orElseThrow();
        assertThat(main.members())
                .extracting(MemberDefinition::title)
                .containsExactly("<filestorage a>", "<filestorage b>", "<filestorage c>");
        assertThat(main.members())
                .extracting(
                        member -> member.places().stream().map(Place::folder).toList())
                .containsExactly(
                        List.of(folder.resolve("a"), folder.resolve("a/blobs")),
                        List.of(folder.resolve("b"), folder.resolve("b/blobs")),
                        List.of(folder.resolve("c"), folder.resolve("c/blobs")));
        assertThat(main.stateFolder()).isEqualTo(folder.resolve("main.state"));
        assertThat(configuration.notices()).isEmpty();
        assertThat(configuration.origin()).isEqualTo("embedded default in " + folder);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void theEmbeddedDefaultTakesEveryNameOfADataDirectory() {
        Path odd = folder.resolve("my $data (old)");

        assertThat(RaidConfiguration.embedded(odd).reread().arrays().get(0).stateFolder())
                .isEqualTo(odd.resolve("main.state"));
    }

    @Test
    void rereadingShowsTheFileAsItIsNow() {
        RaidConfiguration before = write(MEMBER_A);

        write(MEMBER_A + MEMBER_B);

        assertThat(before.reread("main").members()).hasSize(2);
        assertThat(before.array("main").orElseThrow().members()).hasSize(1);
    }

    @Test
    void rereadingWhatIsBrokenSaysWhere() {
        RaidConfiguration before = write(MEMBER_A);

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> write(MEMBER_A + "nonsense\n"))
                .withMessageContaining("zeo.conf:3: unknown key 'nonsense'");
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> before.reread("main"))
                .withMessageContaining("zeo.conf:3: unknown key 'nonsense'");
    }

    @Test
    void rereadingAnArrayThatIsGoneIsRefused() {
        RaidConfiguration configuration = write(MEMBER_A);

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> configuration.reread("other"))
                .withMessage(folder.resolve("zeo.conf")
                        + ": there is no <raidstorage other> any more; put it back, or restart the server without it");
    }

    private RaidConfiguration write(String members) {
        Path file = folder.resolve("zeo.conf");
        try {
            Files.writeString(file, "<raidstorage main>\n" + members + "</raidstorage>\n");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return RaidConfiguration.parse(file);
    }
}
