package org.zeoraid.config.syntax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationParserTest {

    @TempDir
    Path folder;

    private Map<String, String> variables = Map.of();

    @Test
    void sectionsNestAndKeepTheOrderOfTheirLines() {
        Block root = parse(
                "key before",
                "<outer one>",
                "  inside 1",
                "  <inner two>",
                "    deep x",
                "  </inner>",
                "  inside 2",
                "</outer>",
                "<outer three/>",
                "<outer />",
                "last word");

        assertThat(root.entries()).extracting(Entry::key).containsExactly("key", "last");
        assertThat(root.blocks()).extracting(Block::title).containsExactly("<outer one>", "<outer three>", "<outer>");
        Block outer = root.blocks().get(0);
        assertThat(outer.entries()).extracting(Entry::value).containsExactly("1", "2");
        assertThat(outer.blocks().get(0).entries())
                .containsExactly(new Entry("deep", "x", new Position(file().toString(), 5)));
    }

    @Test
    void aValueIsTheRestOfTheLineWithoutTheBlanksAroundIt() {
        Block root =
                parse("  path \t /srv/my data/Data.fs   ", "note all of this # belongs to it", "none", "angle <a>");

        assertThat(root.entries())
                .extracting(Entry::value)
                .containsExactly("/srv/my data/Data.fs", "all of this # belongs to it", "", "<a>");
    }

    @Test
    void typesNamesAndKeysDoNotTellUpperFromLowerCaseAndValuesDo() {
        Block root = parse("<FileStorage Main>", "  PATH Data.fs", "</FILESTORAGE>");

        assertThat(root.blocks().get(0).title()).isEqualTo("<filestorage main>");
        assertThat(root.blocks().get(0).entries().get(0).key()).isEqualTo("path");
        assertThat(root.blocks().get(0).entries().get(0).value()).isEqualTo("Data.fs");
    }

    @Test
    void commentsAndBlankLinesAreLeftOutAndStillCount() {
        Block root = parse("# first", "", "   # indented", "\t", "key value");

        assertThat(root.entries().get(0).position().line()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a 1\r\nb 2\r\n", "a 1\nb 2", "a 1\rb 2", "\uFEFFa 1\nb 2"})
    void everyEndOfLineAndAByteOrderMarkAreUnderstood(String text) throws IOException {
        Files.writeString(file(), text);

        assertThat(parseFile().entries()).extracting(Entry::value).containsExactly("1", "2");
    }

    @Test
    void definitionsFillValuesInEveryForm() {
        variables = Map.of("HOME_OF", "/home");

        Block root = parse(
                "%define INSTANCE /srv/zeo",
                "%define var ${instance}/var",
                "%define EMPTY",
                "a $INSTANCE/etc",
                "b ${Var}/Data.fs",
                "c 5$$ and $$INSTANCE",
                "d x${EMPTY}y",
                "e $(HOME_OF)/x",
                "f $INSTANCE$var");

        assertThat(root.entries())
                .extracting(Entry::value)
                .containsExactly(
                        "/srv/zeo/etc",
                        "/srv/zeo/var/Data.fs",
                        "5$ and $INSTANCE",
                        "xy",
                        "/home/x",
                        "/srv/zeo/srv/zeo/var");
    }

    @Test
    void theSameDefinitionTwiceIsNoContradiction() {
        assertThat(parse("%define A 1", "%define a 1", "key $A")
                        .entries()
                        .get(0)
                        .value())
                .isEqualTo("1");
    }

    @Test
    void whatADefinitionHoldsIsNotFilledInAgain() {
        assertThat(parse("%define PRICE 5$$x", "%define x no", "key $PRICE")
                        .entries()
                        .get(0)
                        .value())
                .isEqualTo("5$x");
    }

    @Test
    void importsAreRememberedWhereverTheyStand() throws IOException {
        Files.writeString(file(), "%import gocept.zeoraid\n<a>\n%import other.kind\n</a>\n");

        assertThat(ConfigurationParser.parse(file()).imports())
                .extracting(Document.Import::packageName)
                .containsExactly("gocept.zeoraid", "other.kind");
    }

    @Test
    void includedFilesBringKeysSectionsAndDefinitions() throws IOException {
        Files.createDirectories(folder.resolve("parts"));
        Files.writeString(
                folder.resolve("parts/members.conf"), "%define WHERE here\nfrom members\n%include more.conf\n");
        Files.writeString(folder.resolve("parts/more.conf"), "<leaf x/>\n");

        Block root = parse("<tree>", "  %include parts/members.conf", "  mine $WHERE", "</tree>");

        Block tree = root.blocks().get(0);
        assertThat(tree.entries()).extracting(Entry::value).containsExactly("members", "here");
        assertThat(tree.entries().get(0).position()).hasToString(folder.resolve("parts/members.conf") + ":2");
        assertThat(tree.blocks().get(0).position()).hasToString(folder.resolve("parts/more.conf") + ":1");
    }

    @Test
    void aFileMayBeIncludedTwiceSideBySide() throws IOException {
        Files.writeString(folder.resolve("common.conf"), "level info\n");

        Block root = parse(
                "<a>",
                "%include common.conf",
                "</a>",
                "<b>",
                "%include file://" + folder.resolve("common.conf"),
                "</b>");

        assertThat(root.blocks())
                .allSatisfy(block -> assertThat(block.entries()).hasSize(1));
    }

    @Test
    void aLoopOfIncludesIsRefusedWhereItCloses() throws IOException {
        Files.writeString(folder.resolve("b.conf"), "\n%include ./c.conf\n");
        Files.writeString(folder.resolve("c.conf"), "%include zeo.conf\n");

        refused(
                folder.resolve("c.conf") + ":1: '" + file() + "' includes itself; take this %include out,"
                        + " or that in the file it names",
                "%include b.conf");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "<filestorage a | '<filestorage a' does not end with '>'; a section's begin or end stands on a line of"
                        + " its own",
                "<a> # why not | '<a> # why not' does not end with '>'; a section's begin or end stands on a line of its"
                        + " own",
                "<a b c> | '<a b c>' is not the begin of a section; expected '<type>' or '<type name>', without blanks or"
                        + " brackets in the name",
                "<> | '<>' is not the begin of a section; expected '<type>' or '<type name>', without blanks or brackets"
                        + " in the name",
                "<a (b)> | '<a (b)>' is not the begin of a section; expected '<type>' or '<type name>', without blanks or"
                        + " brackets in the name",
                "</a> | '</a>' ends a section that does not begin in this file; take the line out",
                "% define A 1 | unknown directive '% define A 1'; expected %define, %import or %include",
                "%import | %import says nothing; expected '%import package'",
                "%include | %include says nothing; expected '%include file'",
                "%define | %define says nothing; expected '%define NAME value'",
                "%undefine A | unknown directive '%undefine'; expected %define, %import or %include",
                "%define 1A x | '1A' cannot be defined; expected '%define NAME value' with a NAME of letters, digits and _"
                        + " that does not begin with a digit",
                "%include http://example.com/x.conf | 'http://example.com/x.conf' cannot be included; expected a file on"
                        + " this machine",
                "key $NOBODY | '$NOBODY' is not defined; write '%define NOBODY value' in a line above, or $$ for the"
                        + " character $ itself",
                "key cost $ | '$' without a name in 'cost $'; expected $NAME, ${NAME} or $(VARIABLE), and $$ for the"
                        + " character $ itself",
                "key ${A | '${A' is not closed; expected '}' behind it",
                "key $(NOT_SET) | the environment variable 'NOT_SET' is not set; set it for this process, or use '%define'"
                        + " and $NAME",
                "(key) value | '(key) value' is not understood; expected 'key value', '<section>', '%directive' or"
                        + " '# comment'",
                "1key value | '1key value' is not understood; expected 'key value', '<section>', '%directive' or"
                        + " '# comment'",
            })
    void aLineThatIsNotUnderstoodIsNamedWithItsNumber(String line, String text) {
        refused(file() + ":3: " + text, "# a comment", "good key", line);
    }

    @Test
    void aSectionThatIsNeverClosedIsNamedWhereItBegins() {
        refused(
                file() + ":2: <raidstorage main> is never closed; expected '</raidstorage>' in this file",
                "",
                "<raidstorage main>",
                "  key value");
    }

    @Test
    void aSectionClosedByAnotherTypeIsRefused() {
        refused(
                file() + ":3: '</filestorage>' cannot end <raidstorage main> of " + file()
                        + ":1; expected '</raidstorage>'",
                "<raidstorage main>",
                "  key value",
                "</filestorage>");
    }

    @Test
    void anIncludedFileCannotCloseTheSectionsOfTheOther() throws IOException {
        Files.writeString(folder.resolve("close.conf"), "</a>\n");

        refused(
                folder.resolve("close.conf") + ":1: '</a>' ends a section that does not begin in this file; take the"
                        + " line out",
                "<a>",
                "%include close.conf");
    }

    @Test
    void aDefinitionCannotChange() {
        refused(
                file() + ":2: 'DIR' is defined as '/a' at " + file() + ":1 and cannot become '/b'; use another name",
                "%define dir /a",
                "%define DIR /b");
    }

    @Test
    void aFileThatIsMissingIsNamedByTheLineThatAsksForIt() {
        refused(
                file() + ":1: there is no file '" + folder.resolve("gone.conf") + "'; create it, or correct the name",
                "%include gone.conf");
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> ConfigurationParser.parse(folder.resolve("nothing.conf")))
                .withMessageContaining("nothing.conf: there is no file");
    }

    @Test
    void whatIsNotATextIsRefused() throws IOException {
        Files.write(file(), "path M\u00fcll".getBytes(StandardCharsets.ISO_8859_1));
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(this::parseFile)
                .withMessage(file() + ": the file is not UTF-8 text; save it in that encoding");

        Files.write(file(), new byte[(1 << 20) + 1]);
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(this::parseFile)
                .withMessageContaining("has more than 1048576 bytes");

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> ConfigurationParser.parse(folder))
                .withMessageContaining("is a folder; expected a configuration file");
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aDeviceThatNeverEndsIsNotRead() {
        refused(file() + ":1: '/dev/zero' is a device; expected a configuration file", "%include /dev/zero");
    }

    @Test
    void definitionsThatDoubleEachOtherEndBeforeTheyFillTheMemory() {
        StringBuilder text = new StringBuilder("%define A0 xxxxxxxxxxxxxxxx\n");
        for (int i = 1; i < 40; i++) {
            text.append("%define A" + i + " $A" + (i - 1) + "$A" + (i - 1) + "\n");
        }

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> parse(text.toString()))
                .withMessageContaining("the value has more than 65536 characters");
    }

    @Test
    void sectionsInsideEachOtherHaveABound() {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> parse("<a>\n".repeat(1000)))
                .withMessage(file() + ":51: more than 50 sections inside each other");
    }

    private void refused(String message, String... lines) {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> parse(lines))
                .withMessage(message);
    }

    private Block parse(String... lines) {
        try {
            Files.write(file(), List.of(lines));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return parseFile();
    }

    private Block parseFile() {
        return ConfigurationParser.parse(file(), name -> Optional.ofNullable(variables.get(name)))
                .root();
    }

    private Path file() {
        return folder.resolve("zeo.conf");
    }
}
