package org.zeoraid.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.zeoraid.array.ArrayOptions;
import org.zeoraid.array.FailMode;
import org.zeoraid.config.member.MemberDefinition;
import org.zeoraid.config.member.Place;
import org.zeoraid.config.schema.SocketAddress;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.config.syntax.Problem;

class RaidConfigurationTest {

    private static final String TWO_MEMBERS = """
              <filestorage a>
                path a/Data.fs
              </filestorage>
              <filestorage b>
                path b/Data.fs
              </filestorage>
            """;

    @TempDir
    Path folder;

    @Test
    void anArrayHasItsDefaults() {
        RaidConfiguration configuration = parse("<raidstorage Main>\n" + TWO_MEMBERS + "</raidstorage>");

        ArrayDefinition main = configuration.array("main").orElseThrow();
        assertThat(main.failMode()).isEqualTo(FailMode.CLOSE);
        assertThat(main.readOnly()).isFalse();
        assertThat(main.options()).isEqualTo(ArrayOptions.DEFAULT);
        assertThat(main.stateFolder()).isEqualTo(folder.resolve("main.state"));
        assertThat(main.blobFolder()).isEqualTo(folder.resolve("main.state/blobs"));
        assertThat(main.members())
                .extracting(MemberDefinition::title)
                .containsExactly("<filestorage a>", "<filestorage b>");
        assertThat(main.members().get(0).places())
                .extracting(Place::folder)
                .containsExactly(folder.resolve("a"), folder.resolve("a/blobs"));
        assertThat(configuration.notices()).isEmpty();
    }

    @Test
    void anArrayIsWhatItsKeysSay() {
        ArrayDefinition array =
                parse("""
                        <raidstorage main>
                          cluster-mode single
                          fail-mode read-only
                          read-only on
                          state-dir /var/lib/raid
                          blob-dir spool
                          answer-deadline 3s
                          append-deadline 20s
                          open-deadline 1m
                          superblock-deadline 4s
                          blob-deadline 2m
                          hedge-delay 75ms
                          assembly-wait 1h
                          retry-pause 2s
                          superblock-interval 10
                        """ + TWO_MEMBERS + "</raidstorage>").arrays().get(0);

        assertThat(array.failMode()).isEqualTo(FailMode.READ_ONLY);
        assertThat(array.readOnly()).isTrue();
        assertThat(array.stateFolder()).isEqualTo(Path.of("/var/lib/raid"));
        assertThat(array.blobFolder()).isEqualTo(folder.resolve("spool"));
        assertThat(array.options().answerDeadline()).isEqualTo(Duration.ofSeconds(3));
        assertThat(array.options().appendDeadline()).isEqualTo(Duration.ofSeconds(20));
        assertThat(array.options().openDeadline()).isEqualTo(Duration.ofMinutes(1));
        assertThat(array.options().superblockDeadline()).isEqualTo(Duration.ofSeconds(4));
        assertThat(array.options().blobDeadline()).isEqualTo(Duration.ofMinutes(2));
        assertThat(array.options().hedgeDelay()).isEqualTo(Duration.ofMillis(75));
        assertThat(array.options().assemblyWait()).isEqualTo(Duration.ofHours(1));
        assertThat(array.options().retryPause()).isEqualTo(Duration.ofSeconds(2));
        assertThat(array.options().noteInterval()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void severalArraysStandSideBySide() {
        RaidConfiguration configuration = parse("""
                <raidstorage one>
                  <filestorage a>
                    path one/a/Data.fs
                  </filestorage>
                  <mappingstorage b/>
                </raidstorage>
                <raidstorage two>
                  <filestorage a>
                    path two/a/Data.fs
                  </filestorage>
                  <mappingstorage b/>
                </raidstorage>
                """);

        assertThat(configuration.arrays()).extracting(ArrayDefinition::name).containsExactly("one", "two");
    }

    @Test
    void anArrayWithoutANameIsCalledAsZeoCallsIt() {
        assertThat(parse("<raidstorage>\n" + TWO_MEMBERS + "</raidstorage>").arrays())
                .extracting(ArrayDefinition::name)
                .containsExactly("1");
        refused(
                "zeo.conf:10: the array of zeo.conf:1 is called 1 too; give one of them another name (an array without a"
                        + " name is called 1)",
                "<raidstorage>\n" + TWO_MEMBERS.replace("path ", "path x") + "</raidstorage>\n\n<raidstorage 1>\n"
                        + TWO_MEMBERS + "state-dir s\n</raidstorage>");
        refused(
                "zeo.conf:4: a second <raidstorage> without a name, after that of zeo.conf:1; expected"
                        + " '<raidstorage NAME>'",
                "<raidstorage>\n<mappingstorage a/>\n</raidstorage>\n<raidstorage>\n<mappingstorage a/>\n</raidstorage>");
    }

    @Test
    void whatOtherServersHaveInTheirsIsAcceptedAndToldOnce() {
        RaidConfiguration configuration = parse("""
                %define INSTANCE .
                %import gocept.zeoraid
                %import relstorage
                <zeo>
                  address 127.0.0.1:8100
                  read-only false
                  invalidation-queue-size 100
                  pid-filename $INSTANCE/var/ZEO.pid
                  monitor-address 8101
                  transaction-timeout 30
                  <ssl>
                    certificate server.pem
                    authenticate SIGNED
                  </ssl>
                </zeo>
                <raidstorage main>
                  <filestorage a>
                    path $INSTANCE/a/Data.fs
                    create false
                    packer zc.FileStorage:packer1
                  </filestorage>
                  <mappingstorage b>
                    name anything
                  </mappingstorage>
                </raidstorage>
                <eventlog>
                  level info
                  <logfile>
                    path $INSTANCE/log/zeo.log
                    format %(asctime)s %(message)s
                  </logfile>
                </eventlog>
                <runner>
                  program $INSTANCE/bin/runzeo
                  exit-codes 0, 2
                </runner>
                <logger access>
                  level warn
                </logger>
                """);

        assertThat(configuration.notices())
                .extracting(Problem::toString)
                .map(text -> text.replace(folder + "/", ""))
                .containsExactly(
                        "zeo.conf:2: '%import gocept.zeoraid' has no effect: <raidstorage> is built in",
                        "zeo.conf:3: '%import relstorage' has no effect: other kinds of members come with jars on the class"
                                + " path",
                        "zeo.conf:9: 'monitor-address' in <zeo> has no effect: ZEO dropped it, and every array has its own"
                                + " status page",
                        "zeo.conf:19: 'create' in <filestorage a> has no effect: a member is created where there is none,"
                                + " and never emptied",
                        "zeo.conf:20: 'packer' in <filestorage a> has no effect: it names a function in Python",
                        "zeo.conf:23: 'name' in <mappingstorage b> has no effect: a member is called by its section's name",
                        "zeo.conf:26: <eventlog> has no effect: messages go to the log of the process that runs the array",
                        "zeo.conf:33: <runner> has no effect: nothing here runs Python's daemons; use the system's service"
                                + " manager",
                        "zeo.conf:37: <logger access> has no effect: messages go to the log of the process that runs the"
                                + " array");
    }

    @Test
    void whatZeoServesIsKept() {
        ZeoDefinition server =
                parse("""
                        <zeo>
                          address var/zeo.sock
                          address [::1]:8100
                          invalidation-age 1d
                          administration everywhere
                          <ssl>
                            certificate server.pem
                            authenticate clients
                          </ssl>
                        </zeo>
                        <raidstorage main>
                        """ + TWO_MEMBERS + "</raidstorage>").listeners().get(0);

        assertThat(server.addresses())
                .containsExactly(
                        new SocketAddress.Unix(folder.resolve("var/zeo.sock")),
                        new SocketAddress.Internet("::1", 8100));
        assertThat(server.invalidationQueueSize()).isEqualTo(100);
        assertThat(server.invalidationAge()).contains(Duration.ofDays(1));
        assertThat(server.transactionTimeout()).isEmpty();
        assertThat(server.clientConflictResolution()).isTrue();
        assertThat(server.readOnly()).isFalse();
        assertThat(server.administration()).isEqualTo(ZeoDefinition.Administration.EVERYWHERE);
        assertThat(server.tls())
                .contains(new TlsDefinition(
                        folder.resolve("server.pem"),
                        folder.resolve("server.pem"),
                        new TlsDefinition.Clients.Known(folder.resolve("clients"))));
    }

    @Test
    void zeoIsServedInAsManyWaysAsThereAreSections() {
        RaidConfiguration configuration = parse("""
                        <zeo>
                          address 8100
                        </zeo>
                        <zeo>
                          address 8101
                          read-only on
                          client-conflict-resolution off
                          msgpack on
                          <ssl>
                            certificate server.pem
                            key server.key
                            authenticate SIGNED
                          </ssl>
                        </zeo>
                        <raidstorage main>
                        """ + TWO_MEMBERS + "</raidstorage>");

        ZeoDefinition second = configuration.listeners().get(1);
        assertThat(configuration.listeners()).hasSize(2);
        assertThat(configuration.listeners().get(0).administration()).isEqualTo(ZeoDefinition.Administration.LOCAL);
        assertThat(second.readOnly()).isTrue();
        assertThat(second.clientConflictResolution()).isFalse();
        assertThat(second.msgpack()).isTrue();
        assertThat(second.tls())
                .contains(new TlsDefinition(
                        folder.resolve("server.pem"),
                        folder.resolve("server.key"),
                        new TlsDefinition.Clients.Signed()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "colour red | unknown key 'colour' in <filestorage a>; expected one of blob-dir, pack-gc, path, quota,"
                        + " read-only, write-mostly",
                "quota 20 apples | '20 apples' cannot be the value of 'quota'; expected a byte size such as 512KB, 20MB or"
                        + " 4GB",
                "quota 9999999999GB | '9999999999GB' cannot be the value of 'quota'; expected a byte size such as 512KB,"
                        + " 20MB or 4GB ('9999999999GB' is too large)",
                "pack-gc maybe | 'maybe' cannot be the value of 'pack-gc'; expected on or off (or true, false, yes, no)",
                "blob-dir | 'blob-dir' has no value; expected a path",
                "PATH again | 'path' stands at zeo.conf:3 already; expected it once in <filestorage a>",
                "<blobs/> | this version knows no section <blobs> in <filestorage a>; expected no sections here",
            })
    void aKeyThatIsNotUnderstoodIsNamedWithItsLineAndWhatWasExpected(String line, String text) {
        refused(
                "zeo.conf:4: " + text,
                "<raidstorage main>\n<filestorage a>\npath a/Data.fs\n" + line + "\n</filestorage>\n</raidstorage>");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "cluster-mode coop | this version does not have 'cluster-mode coop', several servers over the same members,"
                        + " and two servers that both write would spoil them; expected 'cluster-mode single' here, and no"
                        + " other server running over these members",
                "cluster-mode pair | 'pair' cannot be the value of 'cluster-mode'; expected single or coop",
                "fail-mode open | 'open' cannot be the value of 'fail-mode'; expected close or read-only",
                "answer-deadline 0 | '0' cannot be the value of 'answer-deadline'; expected a time such as 500ms, 2s, 5m,"
                        + " 12h or 1d, from 10ms to 1d",
                "<tapestorage c/> | this version knows no section <tapestorage c> in <raidstorage main>; expected one of"
                        + " <filestorage>, <mappingstorage>, <shelfstorage>, <zeoclient>",
                "<filestorage> | a name is missing in <filestorage>; expected '<filestorage NAME>'",
                "<filestorage a/b> | 'a/b' cannot be the name of a <filestorage>; expected up to 64 letters, digits, and . _"
                        + " - behind the first, since it becomes part of file names and URLs",
                "<filestorage ..> | '..' cannot be the name of a <filestorage>; expected up to 64 letters, digits, and . _ -"
                        + " behind the first, since it becomes part of file names and URLs",
                "<filestorage A> | the name 'a' is that of <mappingstorage a> at zeo.conf:2 already; give <filestorage a>"
                        + " another one",
            })
    void anArrayThatIsNotUnderstoodIsRefused(String line, String text) {
        String inside = line.startsWith("<filestorage") ? line + "\npath x/Data.fs\n</filestorage>" : line;
        refused("zeo.conf:3: " + text, "<raidstorage main>\n<mappingstorage a/>\n" + inside + "\n</raidstorage>");
    }

    @Test
    void everythingThatIsWrongIsToldAtOnceInTheOrderOfTheLines() {
        assertThat(problems("""
                        <raidstorage main>
                          fail-mode never
                          <filestorage a>
                            pth a/Data.fs
                          </filestorage>
                          <tapestorage b/>
                        </raidstorage>
                        <filestorage 1>
                          path Data.fs
                        </filestorage>
                        port 8080
                        """))
                .containsExactly(
                        "zeo.conf:2: 'never' cannot be the value of 'fail-mode'; expected close or read-only",
                        "zeo.conf:3: 'path' is missing in <filestorage a>; expected a line 'path' with a path",
                        "zeo.conf:4: unknown key 'pth' in <filestorage a>; expected one of blob-dir, pack-gc, path, quota,"
                                + " read-only, write-mostly",
                        "zeo.conf:6: this version knows no section <tapestorage b> in <raidstorage main>; expected one of"
                                + " <filestorage>, <mappingstorage>, <shelfstorage>, <zeoclient>",
                        "zeo.conf:8: <filestorage 1> has no place here; a storage is served as the member of an array:"
                                + " expected it inside <raidstorage NAME>",
                        "zeo.conf:11: unknown key 'port' in the top level; expected no keys here");
    }

    @Test
    void aConfigurationWithoutAnArrayOrAnArrayWithoutAMemberIsRefused() {
        refused(
                "zeo.conf:1: there is no array; expected at least one '<raidstorage NAME>' with members in it",
                "# nothing");
        refused(
                "zeo.conf:2: <raidstorage main> has no member; expected at least one of <filestorage NAME>, <mappingstorage"
                        + " NAME>, <shelfstorage NAME>, <zeoclient NAME> in it",
                "\n<raidstorage main/>");
    }

    @Test
    void aSettingSaysWhereZeoIsServedIfTheFileDoesNot() {
        RaidConfiguration silent = parse("<raidstorage main>\n" + TWO_MEMBERS + "</raidstorage>");

        assertThat(silent.listeners()).isEmpty();
        assertThat(silent.listeningAt(" ")).isSameAs(silent);
        assertThat(silent.listeningAt("none").listeners()).isEmpty();
        assertThat(silent.listeningAt("localhost:8200 /run/zeo.sock").listeners())
                .singleElement()
                .satisfies(zeo -> assertThat(zeo.addresses())
                        .containsExactly(
                                new SocketAddress.Internet("localhost", 8200),
                                new SocketAddress.Unix(Path.of("/run/zeo.sock"))))
                .satisfies(zeo -> assertThat(zeo.clientConflictResolution()).isTrue());
        assertThat(RaidConfiguration.embedded(folder).listeners()).hasSize(1);
        assertThat(RaidConfiguration.embedded(folder).listeningAt("none").listeners())
                .isEmpty();
        assertThat(RaidConfiguration.embedded(folder)
                        .listeningAt("8101")
                        .reread()
                        .listeners()
                        .get(0)
                        .addresses())
                .containsExactly(new SocketAddress.Internet("", 8101));
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> silent.listeningAt("somewhere"))
                .withMessageContaining("'somewhere' is no address; expected host:port");
        RaidConfiguration speaking =
                parse("<zeo>\naddress 1\n</zeo>\n<raidstorage main>\n" + TWO_MEMBERS + "</raidstorage>");
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> speaking.listeningAt("none"))
                .withMessageContaining("zeo.conf:1 says where they are served; expected one of the two");
    }

    @Test
    void aSettingDoesNotMakeAServerItsOwnMember() {
        RaidConfiguration remote = parse(
                "<raidstorage main>\n<zeoclient a>\nserver localhost:8200\n</zeoclient>\n<mappingstorage b/>\n</raidstorage>");

        assertThat(remote.listeningAt("8201").listeners()).hasSize(1);
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> remote.listeningAt("localhost:8200"))
                .withMessageContaining("zeo.conf:2: <zeoclient a> is reached at localhost:8200");
    }

    @Test
    void anArrayIsNotCalledAsItsAdministrationIs() {
        refused(
                "zeo.conf:1: no array can be called 'administration': raid/administration is the JNDI name of what"
                        + " administers all of them; expected another name",
                "<raidstorage Administration>\n" + TWO_MEMBERS + "</raidstorage>");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "address 8100;address 8100 | 2: something listens at :8100 already; expected each address once in all <zeo>"
                        + " sections",
                "read-only on | 1: 'address' is missing in <zeo>; expected a line 'address' with host:port, [IPv6]:port, a"
                        + " port alone, or the path of a Unix socket (with at least one /)",
                "address 1;msgpack on;msgpack off | 4: 'msgpack' stands at zeo.conf:3 already; expected it once in <zeo>",
                "address 1;administration off | 3: 'off' cannot be the value of 'administration'; expected local or"
                        + " everywhere",
                "address 1;<ssl>;authenticate SIGNED;certificate x;password-function my.password;</ssl> | 6:"
                        + " 'password-function' in <ssl> is refused: it names a function in Python, which cannot be called"
                        + " here; expected a key without a password, in a file that nobody but the server can read",
                "address 1;<ssl>;authenticate SIGNED;certificate x;</ssl>;<ssl>;authenticate SIGNED;certificate y;</ssl> |"
                        + " 7: a second <ssl> in <zeo>, after that of zeo.conf:3; expected one at the most",
            })
    void aListenerThatIsNotUnderstoodIsRefused(String lines, String text) {
        refused(
                "zeo.conf:" + text,
                "<zeo>\n" + lines.replace(';', '\n')
                        + "\n</zeo>\n<raidstorage main>\n<mappingstorage a/>\n</raidstorage>");
        refused(
                "zeo.conf:5: something listens at 127.0.0.1:80 already; expected each address once in all <zeo> sections",
                "<zeo>\naddress 127.0.0.1:80\n</zeo>\n<zeo>\naddress 127.0.0.1:80\n</zeo>\n<raidstorage main>\n"
                        + "<mappingstorage a/>\n</raidstorage>");
    }

    @Test
    void aSingleMemberIsToldOf() {
        assertThat(parse("<raidstorage main>\n<mappingstorage a/>\n</raidstorage>")
                        .notices())
                .extracting(Problem::text)
                .containsExactly("<mappingstorage a> is the only member of <raidstorage main>: nothing is kept twice");
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

    private void refused(String message, String text) {
        assertThat(problems(text)).contains(message);
    }

    private List<String> problems(String text) {
        try {
            parse(text);
        } catch (ConfigurationException e) {
            return e.problems().stream()
                    .map(problem -> problem.toString().replace(folder + "/zeo.conf", "zeo.conf"))
                    .toList();
        }
        throw new AssertionError("accepted");
    }
}
