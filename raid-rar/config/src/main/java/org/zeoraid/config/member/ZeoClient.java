package org.zeoraid.config.member;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.zeoraid.config.schema.Key;
import org.zeoraid.config.schema.Section;
import org.zeoraid.config.schema.SectionType;
import org.zeoraid.config.schema.SocketAddress.Internet;
import org.zeoraid.config.schema.SocketAddress.Unix;
import org.zeoraid.config.schema.Values;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.zeo.client.ClientTls;
import org.zeoraid.zeo.client.ClientTls.ServerName;
import org.zeoraid.zeo.client.ZeoMember;
import org.zeoraid.zeo.client.ZeoOptions;

/** {@code <zeoclient NAME>}: a storage of a ZEO server, Python's or ours. Its keys are those of ZODB and ZEO. */
public final class ZeoClient implements MemberKind {

    static final Key<List<org.zeoraid.config.schema.SocketAddress>> SERVER = Key.several("server", Values.ADDRESS);
    static final Key<String> STORAGE = Key.withDefault("storage", Values.TEXT, ZeoOptions.DEFAULT_STORAGE);
    static final Key<Duration> WAIT_TIMEOUT = Key.withDefault(
            "wait-timeout", Values.time(Duration.ofMillis(10), Duration.ofDays(1)), Duration.ofSeconds(30));
    static final Key<Duration> PEER_TIMEOUT = Key.withDefault(
            "peer-timeout", Values.time(Duration.ofMillis(100), Duration.ofDays(1)), Duration.ofSeconds(10));
    static final Key<Path> BLOB_DIR = Key.optional("blob-dir", Values.PATH);
    static final Key<Boolean> SHARED_BLOB_DIR = Key.withDefault("shared-blob-dir", Values.SWITCH, false);
    static final Key<Long> BLOB_CACHE_SIZE = Key.optional("blob-cache-size", Values.SIZE);
    static final Key<Boolean> READ_ONLY = Key.withDefault("read-only", Values.SWITCH, false);
    static final Key<Boolean> PACK_GC = Key.optional("pack-gc", Values.SWITCH);

    static final Key<Path> CERTIFICATE = Key.optional("certificate", Values.PATH);
    static final Key<Path> KEY = Key.optional("key", Values.PATH);
    static final Key<Path> AUTHENTICATE = Key.optional("authenticate", Values.PATH);
    static final Key<Boolean> CHECK_HOSTNAME = Key.withDefault("check-hostname", Values.SWITCH, true);
    static final Key<String> SERVER_HOSTNAME = Key.optional("server-hostname", Values.TEXT);

    private static final String NO_CACHE = "members are asked, and what arrays remember needs no setting";
    private static final String NO_LOGIN = "ZEO dropped it; <ssl> authenticates clients";
    private static final String PAUSES = "the array tries again by its retry-pause";

    private static final SectionType SSL = SectionType.of(
            "ssl",
            List.of(
                    CERTIFICATE,
                    KEY,
                    AUTHENTICATE,
                    CHECK_HOSTNAME,
                    SERVER_HOSTNAME,
                    Key.refused(
                            "password-function",
                            "it names a function in Python, which cannot be called here; expected a key without a"
                                    + " password, in a file that nobody but this server can read")));

    private static final SectionType SECTION = SectionType.of(
            ZeoMember.KIND,
            List.of(
                    SERVER,
                    STORAGE,
                    WAIT_TIMEOUT,
                    PEER_TIMEOUT,
                    BLOB_DIR,
                    SHARED_BLOB_DIR,
                    BLOB_CACHE_SIZE,
                    READ_ONLY,
                    PACK_GC,
                    WRITE_MOSTLY,
                    Key.meaningless("cache-size", NO_CACHE),
                    Key.meaningless("cache-path", NO_CACHE),
                    Key.meaningless("client", NO_CACHE),
                    Key.meaningless("var", NO_CACHE),
                    Key.meaningless("drop-cache-rather-verify", NO_CACHE),
                    Key.meaningless("blob-cache-size-check", "the size is looked at with each blob that is read"),
                    Key.meaningless("name", "a member is called by its section's name"),
                    Key.meaningless("client-label", "the server's log shows the array's and the member's name"),
                    Key.meaningless("min-disconnect-poll", PAUSES),
                    Key.meaningless("max-disconnect-poll", PAUSES),
                    Key.meaningless("wait", "arrays never wait for one member"),
                    Key.meaningless("server-sync", "a member is never asked for more than it is known to have"),
                    Key.meaningless("read-only-fallback", "a member that cannot be written to is degraded"),
                    Key.meaningless("username", NO_LOGIN),
                    Key.meaningless("password", NO_LOGIN),
                    Key.meaningless("realm", NO_LOGIN)),
            List.of(SSL));

    @Override
    public SectionType section() {
        return SECTION;
    }

    @Override
    public MemberDefinition define(String name, Section section) {
        List<org.zeoraid.config.schema.SocketAddress> servers = section.value(SERVER);
        ZeoOptions options = ZeoOptions.of(
                        name,
                        section.value(STORAGE),
                        servers.stream().map(ZeoClient::address).toArray(SocketAddress[]::new))
                .withWaitTimeout(section.value(WAIT_TIMEOUT))
                .withPeerTimeout(section.value(PEER_TIMEOUT))
                .withPackGarbage(section.find(PACK_GC)
                        .map(on -> on ? ZeoOptions.PackGarbage.COLLECT : ZeoOptions.PackGarbage.KEEP)
                        .orElse(ZeoOptions.PackGarbage.UNKNOWN))
                .withPreference(
                        section.value(WRITE_MOSTLY) ? ZeoOptions.Preference.WRITE_MOSTLY : ZeoOptions.Preference.NORMAL)
                .withAccess(section.value(READ_ONLY) ? ZeoOptions.Access.READ_ONLY : ZeoOptions.Access.READ_WRITE);
        ZeoOptions whole = withTls(withBlobs(options, section), section);
        boolean hasFolder = section.find(BLOB_DIR).isPresent();
        return new MemberDefinition(
                name,
                SECTION.type(),
                section.position(),
                section.find(BLOB_DIR).stream()
                        .map(folder -> new Place(
                                folder,
                                Place.Extent.TREE,
                                "the blob-dir of " + section.title(),
                                section.positionOf(BLOB_DIR)))
                        .toList(),
                servers.stream()
                        .map(server -> new Remote(server, section.value(STORAGE)))
                        .toList(),
                section.value(READ_ONLY) ? MemberDefinition.Access.READ_ONLY : MemberDefinition.Access.READ_WRITE,
                (environment, cache) ->
                        new ZeoMember(hasFolder ? whole : cachingIn(cache, whole, section), environment));
    }

    private static ZeoOptions withBlobs(ZeoOptions options, Section section) {
        Optional<Path> folder = section.find(BLOB_DIR);
        if (section.value(SHARED_BLOB_DIR)) {
            return options.withBlobs(new ZeoOptions.Blobs.Shared(folder.orElseThrow(() -> new ConfigurationException(
                    section.positionOf(SHARED_BLOB_DIR),
                    "'shared-blob-dir on' in " + section.title()
                            + " needs the folder; expected a 'blob-dir' too, with the path of the server's own"))));
        }
        return folder.map(path -> cachingIn(path, options, section)).orElse(options);
    }

    private static ZeoOptions cachingIn(Path folder, ZeoOptions options, Section section) {
        return section.find(BLOB_CACHE_SIZE)
                .map(bytes -> options.withBlobs(new ZeoOptions.Blobs.Cache(folder, bytes)))
                .orElseGet(() -> options.withBlobFolder(folder));
    }

    private static ZeoOptions withTls(ZeoOptions options, Section member) {
        List<Section> sections = member.sections();
        if (sections.size() > 1) {
            throw new ConfigurationException(
                    sections.get(1).position(),
                    "a second <ssl> in " + member.title() + ", after that of "
                            + sections.get(0).position() + "; expected one at the most");
        }
        return sections.stream()
                .findFirst()
                .map(ZeoClient::tls)
                .map(options::withTls)
                .orElse(options);
    }

    private static ClientTls tls(Section section) {
        if (section.find(KEY).isPresent() && section.find(CERTIFICATE).isEmpty()) {
            throw new ConfigurationException(
                    section.positionOf(KEY), "a 'key' without its 'certificate' in <ssl>; expected both, or none");
        }
        ServerName name = section.value(CHECK_HOSTNAME)
                ? section.find(SERVER_HOSTNAME)
                        .<ServerName>map(ServerName.Called::new)
                        .orElseGet(ServerName.AsConnected::new)
                : new ServerName.Unchecked();
        return new ClientTls(section.find(CERTIFICATE), section.find(KEY), section.find(AUTHENTICATE), name);
    }

    /** Names are not looked up here: a server may move. */
    private static SocketAddress address(org.zeoraid.config.schema.SocketAddress address) {
        if (address instanceof Internet internet) {
            return InetSocketAddress.createUnresolved(
                    internet.host().isEmpty() ? "localhost" : internet.host(), internet.port());
        }
        return UnixDomainSocketAddress.of(((Unix) address).path());
    }
}
