package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoverySetupTest {
    private static final String WELL = """
            <transaction-service automatic-recovery="true" tx-log-dir="${ENV=RAID_DATA}/transactions">
              <property name="xa-servername" value="${ENV=RAID_NODE}"/>
            </transaction-service>
            """;

    @TempDir
    Path folder;

    private final Map<String, String> properties = new HashMap<>();
    private final Map<String, String> variables = new HashMap<>();
    private final RecoverySetup setup =
            new RecoverySetup(new RecoverySetup.Surroundings(properties::get, variables::get));

    @BeforeEach
    void surround() {
        properties.put("com.sun.aas.instanceRoot", folder.resolve("rt").toString());
        properties.put("com.sun.aas.instanceName", "server");
        properties.put("fish.payara.micro.tmpdir", folder.resolve("rt").toString());
        properties.put("java.io.tmpdir", folder.resolve("tmp").toString());
        variables.put("RAID_DATA", folder.resolve("data").toString());
        variables.put("RAID_NODE", "node-1");
    }

    @Test
    void aServerThatIsSetUpWellHasNoFlaws() {
        domain(WELL);
        assertThat(setup.flaws()).isEmpty();
        assertThat(setup.isOff()).isFalse();
    }

    @Test
    void aServerAsItIsShippedHasThemAll() {
        domain("<transaction-service/>");
        assertThat(setup.flaws())
                .hasSize(2)
                .anyMatch(flaw -> flaw.contains("temporary directory, " + folder.resolve("rt/logs")))
                .anyMatch(flaw -> flaw.contains("xa-servername"));
        assertThat(setup.isOff()).isTrue();
    }

    @Test
    void aLogInATemporaryDirectoryIsNone() {
        domain(WELL);
        variables.put("RAID_DATA", folder.resolve("tmp/data").toString());
        assertThat(setup.flaws()).singleElement().asString().contains("tmp/data/transactions");
    }

    @Test
    void aNameThatIsAVariableWithoutAValueIsEverybodysName() {
        domain(WELL);
        variables.remove("RAID_NODE");
        assertThat(setup.flaws()).singleElement().asString().contains("${ENV=RAID_NODE} refers to a variable");
    }

    @Test
    void aServerWithAFolderOfItsOwnKeepsItsLogThere() {
        properties.remove("fish.payara.micro.tmpdir");
        domain("<transaction-service><property name='xa-servername' value='node-1'/></transaction-service>");
        assertThat(setup.flaws()).isEmpty();
    }

    @Test
    void ofOtherServersNothingIsKnown() {
        properties.clear();
        assertThat(setup.flaws()).isEmpty();
        assertThat(setup.isOff()).isFalse();
        properties.put("com.sun.aas.instanceRoot", folder.resolve("nowhere").toString());
        assertThat(setup.flaws()).isEmpty();
    }

    private void domain(String service) {
        Path file = folder.resolve("rt/config/domain.xml");
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, """
                    <domain>
                      <servers><server config-ref="server-config" name="server"/></servers>
                      <configs>
                        <config name="default-config"><transaction-service/></config>
                        <config name="server-config">%s</config>
                      </configs>
                    </domain>
                    """.formatted(service));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
