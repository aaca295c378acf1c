package org.zeoraid.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.zeoraid.config.member.MemberKinds;
import org.zeoraid.config.schema.Findings;
import org.zeoraid.config.schema.Section;
import org.zeoraid.config.schema.SectionReader;
import org.zeoraid.config.schema.SocketAddress;
import org.zeoraid.config.schema.Values;
import org.zeoraid.config.syntax.Block;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.config.syntax.ConfigurationParser;
import org.zeoraid.config.syntax.Document;
import org.zeoraid.config.syntax.Entry;
import org.zeoraid.config.syntax.Position;
import org.zeoraid.config.syntax.Problem;

/**
 * A configuration: the arrays of a server, read from a file in the dialect of zeo.conf or taken from the embedded default.
 * Immutable; reading one opens nothing and creates nothing.
 */
public final class RaidConfiguration {

    /** Instead of an address: ZEO clients are not served. */
    public static final String NOWHERE = "none";

    private final String origin;
    private final List<ArrayDefinition> arrays;
    private final List<ZeoDefinition> listeners;
    private final List<Problem> notices;
    private final Supplier<RaidConfiguration> again;

    private RaidConfiguration(
            String origin,
            List<ArrayDefinition> arrays,
            List<ZeoDefinition> listeners,
            List<Problem> notices,
            Supplier<RaidConfiguration> again) {
        this.origin = origin;
        this.arrays = List.copyOf(arrays);
        this.listeners = List.copyOf(listeners);
        this.notices = List.copyOf(notices);
        this.again = again;
    }

    /**
     * Reads a file, with the kinds of members that {@link MemberKinds#find} finds.
     *
     * @throws ConfigurationException with everything that is wrong in it, each with its line and what was expected
     */
    public static RaidConfiguration parse(Path file) {
        return parse(file, MemberKinds.find());
    }

    /** Reads a file with these kinds of members. */
    public static RaidConfiguration parse(Path file, MemberKinds kinds) {
        return of(file.toString(), ConfigurationParser.parse(file), kinds, () -> parse(file, kinds));
    }

    /**
     * What is used where no file is given: one array {@code main} of the file members {@code a}, {@code b} and {@code c},
     * each in its own folder of the data directory; the array's state lies there too. ZEO clients of this machine are
     * served at port 8100.
     */
    public static RaidConfiguration embedded(Path dataDirectory) {
        Path folder = dataDirectory.toAbsolutePath().normalize();
        Position position = new Position("embedded default in " + folder, 0);
        List<Block> members = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            Entry path =
                    new Entry("path", folder.resolve(name).resolve("Data.fs").toString(), position);
            members.add(new Block("filestorage", Optional.of(name), position, List.of(path), List.of()));
        }
        Block array = new Block(ArraySection.TYPE, Optional.of("main"), position, List.of(), members);
        Block zeo = new Block(
                ServerSection.TYPE.type(),
                Optional.empty(),
                position,
                List.of(new Entry(ServerSection.ADDRESS.name(), "localhost:8100", position)),
                List.of());
        Block root = new Block("", Optional.empty(), position, List.of(), List.of(zeo, array));
        return of(
                position.file(),
                new Document(folder, root, List.of()),
                MemberKinds.find(),
                () -> embedded(dataDirectory));
    }

    private static RaidConfiguration of(
            String origin, Document document, MemberKinds kinds, Supplier<RaidConfiguration> again) {
        Findings findings = new Findings();
        for (Document.Import imported : document.imports()) {
            findings.notice(
                    imported.position(),
                    "'%import " + imported.packageName() + "' has no effect: "
                            + (imported.packageName().equals("gocept.zeoraid")
                                    ? "<raidstorage> is built in"
                                    : "other kinds of members come with jars on the class path"));
        }
        Optional<Section> root =
                new SectionReader(document.folder(), findings).read(document.root(), ArraySection.root(kinds));
        findings.refuseProblems();
        Section whole = root.orElseThrow();
        List<ArrayDefinition> arrays = new ArrayReader(kinds, findings).read(whole);
        List<ZeoDefinition> listeners = ServerSection.read(whole, findings);
        Remotes.keepFromServingItself(arrays, listeners, findings);
        findings.refuseProblems();
        return new RaidConfiguration(origin, arrays, listeners, findings.notices(), again);
    }

    /** Where it comes from, for people. */
    public String origin() {
        return origin;
    }

    /** At least one. */
    public List<ArrayDefinition> arrays() {
        return arrays;
    }

    public Optional<ArrayDefinition> array(String name) {
        return arrays.stream().filter(array -> array.name().equals(name)).findFirst();
    }

    /** Where ZEO clients are served: the sections {@code <zeo>}. Perhaps none. */
    public List<ZeoDefinition> listeners() {
        return listeners;
    }

    /**
     * The same arrays, served to ZEO clients where a setting beside the configuration says, with what {@code <zeo>} has by
     * default.
     *
     * @param setting addresses with blanks between them; {@value #NOWHERE} for none; blank for what is configured
     * @throws ConfigurationException if it is no such setting, or the configuration's file has {@code <zeo>} sections of
     *     its own, which are not overruled, or a member is reached there
     */
    public RaidConfiguration listeningAt(String setting) {
        if (setting.isBlank()) {
            return this;
        }
        Position position = new Position("the address for ZEO clients, '" + setting.strip() + "'", 0);
        Optional<ZeoDefinition> own = listeners.stream()
                .filter(listener -> listener.position().line() > 0)
                .findFirst();
        if (own.isPresent()) {
            throw new ConfigurationException(
                    position,
                    "the <zeo> of " + own.get().position() + " says where they are served; expected one of the two");
        }
        List<SocketAddress> addresses = setting.strip().equals(NOWHERE)
                ? List.of()
                : Arrays.stream(setting.strip().split("\\s+"))
                        .map(word -> address(word, position))
                        .toList();
        List<ZeoDefinition> other = addresses.isEmpty() ? List.of() : List.of(ServerSection.at(addresses, position));
        Findings findings = new Findings();
        Remotes.keepFromServingItself(arrays, other, findings);
        findings.refuseProblems();
        return new RaidConfiguration(origin, arrays, other, notices, () -> reread().listeningAt(setting));
    }

    private static SocketAddress address(String text, Position position) {
        try {
            return Values.ADDRESS.read(text, Path.of("").toAbsolutePath());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    position,
                    "'" + text + "' is no address; expected " + Values.ADDRESS.expected() + ", or " + NOWHERE,
                    e);
        }
    }

    /** What was accepted and has no effect, each with its line. */
    public List<Problem> notices() {
        return notices;
    }

    /**
     * Reads it again from where it came.
     *
     * @throws ConfigurationException if it cannot be used any more; this one is as good as before
     */
    public RaidConfiguration reread() {
        return again.get();
    }

    /**
     * Reads it again, and looks for one array.
     *
     * @throws ConfigurationException also if the array is no longer in it
     */
    public ArrayDefinition reread(String array) {
        return reread().array(array)
                .orElseThrow(() -> new ConfigurationException(
                        new Position(origin, 0),
                        "there is no <raidstorage " + array
                                + "> any more; put it back, or restart the server without it"));
    }
}
