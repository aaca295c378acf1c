package org.zeoraid.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.zeoraid.config.member.MemberDefinition;
import org.zeoraid.config.member.MemberKinds;
import org.zeoraid.config.schema.Key;
import org.zeoraid.config.schema.SectionType;
import org.zeoraid.config.shelf.ShelfStorage;

/** The page that tells admins about the configuration says what is so. */
class DocumentationTest {

    private static final Path PAGE = Path.of("../../docs/configuration.md");
    private static final Pattern EXAMPLE = Pattern.compile("```conf\n(.*?)```", Pattern.DOTALL);
    private static final Pattern ROW =
            Pattern.compile("^\\| `([^`]+)` \\| ([^|]+) \\| ([^|]+) \\| [^|]+ \\|$", Pattern.MULTILINE);

    @TempDir
    Path folder;

    static List<String> examples() throws IOException {
        return EXAMPLE.matcher(Files.readString(PAGE))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    /** A section and those that it stands in, the outermost one first. */
    private record Place(SectionType type, List<SectionType> path) {
        @Override
        public String toString() {
            return path.stream().map(SectionType::type).collect(Collectors.joining("/"));
        }
    }

    static Stream<Place> sections() {
        List<Place> found = new ArrayList<>();
        collect(ArraySection.root(MemberKinds.find()), List.of(), found);
        return found.stream();
    }

    private static void collect(SectionType type, List<SectionType> path, List<Place> found) {
        for (SectionType inner : type.sections()) {
            boolean ours = !inner.equals(new ShelfStorage().section());
            if (inner.isMeaningful() && ours) {
                List<SectionType> whole = new ArrayList<>(path);
                whole.add(inner);
                found.add(new Place(inner, whole));
                collect(inner, whole, found);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleIsAccepted(String example) throws IOException {
        Path file = folder.resolve("zeo.conf");
        Files.writeString(file, example);

        assertThat(RaidConfiguration.parse(file).arrays()).isNotEmpty();
    }

    @Test
    void theEmbeddedDefaultIsWhatThePageSaysItIs() throws IOException {
        Path file = folder.resolve("zeo.conf");
        List<String> examples = examples();
        Files.writeString(file, examples.get(examples.size() - 1));

        RaidConfiguration page = RaidConfiguration.parse(file);
        ArrayDefinition written = page.arrays().get(0);
        ArrayDefinition embedded = RaidConfiguration.embedded(folder).arrays().get(0);

        assertThat(page.listeners().get(0).addresses())
                .isEqualTo(RaidConfiguration.embedded(folder).listeners().get(0).addresses());
        assertThat(written.name()).isEqualTo(embedded.name());
        assertThat(written.stateFolder()).isEqualTo(embedded.stateFolder());
        assertThat(written.options()).isEqualTo(embedded.options());
        assertThat(written.members())
                .extracting(DocumentationTest::folders)
                .isEqualTo(embedded.members().stream()
                        .map(DocumentationTest::folders)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("sections")
    void everyKeyIsThereWithItsDefaultAndAnExampleThatIsAccepted(Place place) throws IOException {
        SectionType type = place.type();
        String chapter = chapter(place);
        Map<String, MatchResult> rows = new TreeMap<>();
        ROW.matcher(chapter).results().forEach(row -> rows.put(row.group(1), row));

        assertThat(rows.keySet())
                .containsExactlyInAnyOrderElementsOf(type.keys().stream()
                        .filter(Key::isMeaningful)
                        .map(Key::name)
                        .toList());
        for (Key<?> key : type.keys()) {
            if (key.meaningless().isPresent()) {
                assertThat(chapter.substring(chapter.indexOf("Without effect:")))
                        .contains("`" + key.name() + "`");
            } else if (key.refusal().isPresent()) {
                assertThat(chapter.substring(chapter.indexOf("Refused:"))).contains("`" + key.name() + "`");
            } else {
                MatchResult row = rows.get(key.name());
                assertThat(row.group(3))
                        .as("the example of %s", key.name())
                        .startsWith("`")
                        .endsWith("`");
                assertThat(key.type().read(row.group(3).replace("`", ""), folder))
                        .isNotNull();
                if (key.isRequired()) {
                    assertThat(row.group(2)).isEqualTo("required");
                }
                key.fallback().ifPresent(value -> assertThat(row.group(2))
                        .as("the default of %s", key.name())
                        .isEqualTo("`" + shown(value) + "`"));
            }
        }
    }

    @Test
    void theMessageOnThePageIsTheRealOne() throws IOException {
        String message = Files.readString(PAGE)
                .lines()
                .filter(line -> line.startsWith("zeo.conf:12: "))
                .findFirst()
                .orElseThrow();
        Path file = folder.resolve("zeo.conf");
        Files.writeString(
                file,
                "\n".repeat(9) + "<raidstorage main>\n<filestorage a>\ncolour red\n</filestorage>\n</raidstorage>");

        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> RaidConfiguration.parse(file)))
                .hasMessageContaining(message);
    }

    private static List<Path> folders(MemberDefinition member) {
        return member.places().stream().map(place -> place.folder()).toList();
    }

    /** Behind the heading of the section that it stands in. */
    private static String chapter(Place place) throws IOException {
        String page = Files.readString(PAGE);
        int start = 0;
        int end = 0;
        for (SectionType type : place.path()) {
            var heading = Pattern.compile("^##+ `<" + type.type() + "( NAME)?>`$", Pattern.MULTILINE)
                    .matcher(page);
            // Members' chapters stand beside that of arrays, in any order.
            assertThat(heading.find(type.type().equals("ssl") ? end : 0))
                    .as("a heading for %s", place)
                    .isTrue();
            start = heading.start();
            end = heading.end();
        }
        return page.substring(start, page.indexOf("\n##", end));
    }

    private static String shown(Object value) {
        if (value instanceof Boolean on) {
            return on ? "on" : "off";
        }
        if (value instanceof Duration time) {
            return org.zeoraid.config.schema.Values.show(time);
        }
        return value.toString().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
