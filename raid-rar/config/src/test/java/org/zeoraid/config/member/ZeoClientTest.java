package org.zeoraid.config.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.config.syntax.Problem;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.client.ZeoMember;

/** A member at a ZEO server, as its section describes it. */
class ZeoClientTest {

    @TempDir
    Path folder;

    @Test
    void aMemberIsReachedAtItsServersOneAfterAnother() {
        MemberDefinition member = member("""
                server one.example:8100
                server [2001:db8::1]:8200
                server /run/zeo.sock
                storage main
                write-mostly on
                """);

        assertThat(member.kind()).isEqualTo(ZeoMember.KIND);
        assertThat(member.places()).isEmpty();
        MemberSource source = source(member);
        assertThat(source.location())
                .contains("one.example:8100")
                .contains("2001:db8::1")
                .contains("/run/zeo.sock")
                .endsWith("storage main");
        assertThat(source.isWriteMostly()).isTrue();
    }

    @Test
    void aMemberHasTheDefaultsOfZodb() {
        MemberSource source = source(member("server 8100\n"));

        assertThat(source.location()).contains("localhost:8100").endsWith("storage 1");
        assertThat(source.isWriteMostly()).isFalse();
        assertThat(source.settings()).contains("PT30S");
    }

    @Test
    void everythingElseReachesTheMember() {
        MemberDefinition member = member("""
                server one.example:8100
                wait-timeout 5
                peer-timeout 3s
                blob-dir blobs
                blob-cache-size 10MB
                pack-gc off
                read-only off
                <ssl>
                  certificate client.pem
                  key client.key
                  authenticate servers
                  server-hostname zeo.example
                </ssl>
                """);

        assertThat(member.places()).extracting(Place::folder).containsExactly(folder.resolve("blobs"));
        assertThat(source(member).settings())
                .contains("PT5S", "PT3S", "KEEP", "10485760")
                .contains(folder.resolve("client.pem").toString())
                .contains(folder.resolve("client.key").toString())
                .contains(folder.resolve("servers").toString())
                .contains("zeo.example");
        assertThat(source(member("server 1\nshared-blob-dir on\nblob-dir /srv/blobs"))
                        .settings())
                .contains("Shared[folder=/srv/blobs]");
        assertThat(source(member("server 1\n<ssl>\ncheck-hostname off\n</ssl>")).settings())
                .contains("Unchecked");
    }

    @Test
    void whatMeansNothingHereIsToldOnce() {
        RaidConfiguration configuration = parse("""
                <zeoclient a>
                  server 8100
                  cache-size 100MB
                  client zeo1
                  var $(HOME)
                  name zeostorage
                  username me
                  max-disconnect-poll 60
                </zeoclient>
                <mappingstorage b/>
                """);

        assertThat(configuration.notices())
                .extracting(Problem::text)
                .hasSize(6)
                .allMatch(text -> text.contains("in <zeoclient a> has no effect: "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "server 8100 | server 8100 | <zeoclient b> is storage 1 at :8100, as <zeoclient a> of DIR/zeo.conf:2 is;"
                        + " expected a storage of its own for each member",
                "server localhost:8100 | server 127.0.0.1:8100 | <zeoclient b> is storage 1 at 127.0.0.1:8100, as <zeoclient"
                        + " a> of DIR/zeo.conf:2 is; expected a storage of its own for each member",
                "server x:1;server y:2 | server z:3;server Y:2 | <zeoclient b> is storage 1 at y:2, as <zeoclient a> of"
                        + " DIR/zeo.conf:2 is; expected a storage of its own for each member",
                "server ./s | server ./x/../s;storage 1 | <zeoclient b> is storage 1 at DIR/s, as <zeoclient a> of"
                        + " DIR/zeo.conf:2 is; expected a storage of its own for each member",
                "server 1;blob-dir b | server 2;blob-dir b | the blob-dir of <zeoclient b>, DIR/b, is the same folder as the"
                        + " blob-dir of <zeoclient a> of DIR/zeo.conf:4; expected a folder of its own",
            })
    void twoMembersThatAreTheSameAreRefused(String one, String other, String text) {
        String members = "<zeoclient a>\n" + one.replace(';', '\n') + "\n</zeoclient>\n<zeoclient b>\n"
                + other.replace(';', '\n') + "\n</zeoclient>\n";
        refused(text, members);
    }

    @Test
    void membersOfTwoArraysThatAreTheSameAreRefusedAndOtherStoragesOfTheSameServerAreNot() {
        String one = "<zeoclient a>\nserver 8100\n</zeoclient>\n<mappingstorage m/>\n";
        String text =
                "<zeoclient b> is storage 1 at :8100, as <zeoclient a> of DIR/zeo.conf:2 is; expected a storage of its"
                        + " own for each member";
        refused(text, one + "</raidstorage>\n<raidstorage other>\n" + one.replace("<zeoclient a>", "<zeoclient b>"));

        assertThat(parse(
                                one
                                        + "<zeoclient b>\nserver 8100\nstorage 2\n</zeoclient>\n<zeoclient c>\nserver 8101\n</zeoclient>\n")
                        .arrays())
                .hasSize(1);
    }

    @Test
    void aServerThatWouldBeItsOwnMemberIsRefused() {
        refused(
                "<zeoclient a> is reached at localhost:8100, where the <zeo> of DIR/zeo.conf:6 serves; expected another"
                        + " server",
                "<zeoclient a>\nserver localhost:8100\n</zeoclient>\n</raidstorage>\n<zeo>\naddress 8100\n</zeo>\n"
                        + "<raidstorage y>\n<mappingstorage b/>\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "storage 1 | 'server' is missing in <zeoclient a>",
                "server 1;wait-timeout 0 | '0' cannot be the value of 'wait-timeout'",
                "server 1;shared-blob-dir on | 'shared-blob-dir on' in <zeoclient a> needs the folder; expected a 'blob-dir'"
                        + " too, with the path of the server's own",
                "server 1;read-only on | <zeoclient a> is read-only, and <raidstorage main> writes to all its members",
                "server 1;<ssl>;password-function my.password;</ssl> | 'password-function' in <ssl> is refused: it names a"
                        + " function in Python",
                "server 1;<ssl>;key x;</ssl> | a 'key' without its 'certificate' in <ssl>; expected both, or none",
                "server 1;<ssl/>;<ssl/> | a second <ssl> in <zeoclient a>, after that of DIR/zeo.conf:4; expected one at the"
                        + " most",
            })
    void whatCannotBeIsRefused(String lines, String text) {
        refused(text, "<zeoclient a>\n" + lines.replace(';', '\n') + "\n</zeoclient>\n<mappingstorage b/>\n");
    }

    private MemberDefinition member(String inside) {
        return parse("<zeoclient a>\n" + inside + "\n</zeoclient>\n<mappingstorage b/>\n")
                .arrays()
                .get(0)
                .members()
                .get(0);
    }

    /** Makes it; nothing is reached by that. */
    private MemberSource source(MemberDefinition member) {
        try (SystemEnvironment environment = new SystemEnvironment()) {
            return member.source(environment, folder.resolve("cache"));
        }
    }

    private void refused(String text, String members) {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> parse(members))
                .withMessageContaining(text.replace("DIR", folder.toString()));
    }

    private RaidConfiguration parse(String members) {
        Path file = folder.resolve("zeo.conf");
        try {
            Files.writeString(file, "<raidstorage main>\n" + members + "</raidstorage>\n");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return RaidConfiguration.parse(file);
    }
}
