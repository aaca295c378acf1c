package org.zeoraid.raidctl.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.raidctl.Logs;

class EventlogTest {

    @TempDir
    Path folder;

    @AfterEach
    void handlersAsBefore() {
        Logs.to(Level.INFO, List.of(LineHandler.standardError()));
    }

    @Test
    void filesGetWhatTheirLevelLetsThrough() throws IOException {
        Eventlog log = Eventlog.of(configuration(
                "<eventlog>",
                "  level debug",
                "  <logfile>",
                "    path log/all.log",
                "  </logfile>",
                "  <logfile>",
                "    path log/errors.log",
                "    level ERROR",
                "  </logfile>",
                "</eventlog>"));

        log.install();
        System.Logger logger = System.getLogger("org.zeoraid.test");
        logger.log(System.Logger.Level.TRACE, "too little");
        logger.log(System.Logger.Level.DEBUG, "small");
        logger.log(System.Logger.Level.ERROR, "great", new IOException("the cause"));

        assertThat(folder.resolve("log/all.log"))
                .content()
                .contains("org.zeoraid.test small", "org.zeoraid.test great", "java.io.IOException: the cause")
                .doesNotContain("too little");
        assertThat(folder.resolve("log/errors.log")).content().contains("great").doesNotContain("small");
    }

    @Test
    void whatHasNoEffectIsTold() throws IOException {
        Eventlog log = Eventlog.of(configuration(
                "<eventlog>",
                "  <logfile>",
                "    path all.log",
                "    format %(message)s",
                "  </logfile>",
                "  <syslog>",
                "  </syslog>",
                "</eventlog>"));

        log.install();

        assertThat(folder.resolve("all.log"))
                .content()
                .contains("zeo.conf:4: 'format' in <logfile> has no effect", "zeo.conf:6: <syslog> has no effect");
    }

    @Test
    void aLevelThatIsNoneIsRefusedWithItsLine() {
        assertThatThrownBy(() -> Eventlog.of(configuration("<eventlog>", "  level loud", "</eventlog>")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("zeo.conf:2: 'loud' is no level");
    }

    @Test
    void withoutASectionMessagesGoToTheStandardError() throws IOException {
        Eventlog.of(configuration("<zeo>", "  address 8100", "</zeo>")).install();

        assertThat(LogManager.getLogManager().getLogger("").getHandlers()).hasOnlyElementsOfType(LineHandler.class);
    }

    private Path configuration(String... lines) throws IOException {
        return Files.write(folder.resolve("zeo.conf"), List.of(lines));
    }
}
