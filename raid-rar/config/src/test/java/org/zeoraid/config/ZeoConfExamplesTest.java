package org.zeoraid.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.zeoraid.config.member.MemberDefinition;
import org.zeoraid.config.schema.SocketAddress;
import org.zeoraid.config.syntax.Problem;

/** Configurations as users of other servers have them, with nothing changed but what a message asks for. */
class ZeoConfExamplesTest {

    @Test
    void aConfigurationOfGoceptZeoraidIsUnderstood() throws Exception {
        RaidConfiguration configuration = RaidConfiguration.parse(example("gocept-zeoraid.conf"));

        ArrayDefinition array = configuration.array("1").orElseThrow();
        assertThat(array.members()).extracting(MemberDefinition::name).containsExactly("1", "2");
        assertThat(configuration.notices())
                .extracting(Problem::text)
                .anyMatch(text -> text.startsWith("'%import gocept.zeoraid'"))
                .anyMatch(text -> text.startsWith("<eventlog>"));
    }

    @Test
    void aConfigurationThatABuildoutMadeIsUnderstoodOnceItsStorageIsAMember() throws Exception {
        RaidConfiguration configuration = RaidConfiguration.parse(example("buildout.conf"));

        ArrayDefinition array = configuration.array("main").orElseThrow();
        assertThat(array.members().get(0).places().get(1).folder()).isEqualTo(Path.of("/srv/plone/var/blobstorage"));
        assertThat(configuration.listeners().get(0).addresses())
                .containsExactly(new SocketAddress.Unix(Path.of("/srv/plone/var/zeosocket.sock")));
    }

    private static Path example(String name) throws URISyntaxException {
        return Path.of(ZeoConfExamplesTest.class.getResource(name).toURI());
    }
}
