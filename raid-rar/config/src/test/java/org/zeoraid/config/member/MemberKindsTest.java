package org.zeoraid.config.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.config.ArrayDefinition;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.config.schema.Section;
import org.zeoraid.config.schema.SectionType;
import org.zeoraid.config.shelf.ShelfStorage;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.seam.SystemEnvironment;

class MemberKindsTest {

    @TempDir
    Path folder;

    @Test
    void ourOwnKindsAndThoseOfAJarAreFoundInTheSameWay() {
        assertThat(MemberKinds.find().all())
                .extracting(kind -> kind.section().type())
                .containsExactly("filestorage", "mappingstorage", "shelfstorage", "zeoclient");
        assertThat(MemberKinds.find().of("shelfstorage")).containsInstanceOf(ShelfStorage.class);
        assertThat(MemberKinds.find().of("tapestorage")).isEmpty();
    }

    @Test
    void aKindOfAJarMakesMembersOfItsSections() {
        ArrayDefinition array = parse("""
                        <raidstorage main>
                          <shelfstorage top>
                            shelf 7
                            label "Fiction, A to F"
                            write-mostly on
                            <sticker>
                              text new
                            </sticker>
                          </shelfstorage>
                          <mappingstorage quick/>
                        </raidstorage>
                        """).arrays().get(0);

        try (SystemEnvironment environment = new SystemEnvironment()) {
            MemberSource top = array.in(environment).members().get(0);
            assertThat(top.name()).isEqualTo("top");
            assertThat(top.kind()).isEqualTo("shelfstorage");
            assertThat(top.location()).isEqualTo("shelf 7 (\"Fiction, A to F\")");
            assertThat(top.isWriteMostly()).isTrue();
            MemberSource quick = array.in(environment).members().get(1);
            assertThat(quick.kind()).isEqualTo("mappingstorage");
            assertThat(quick.isWriteMostly()).isFalse();
        }
    }

    @Test
    void aKindOfAJarRefusesWithAPositionWhatDoesNotFit() {
        refused("zeo.conf:4: there is no shelf 13; expected another one", "shelf 13");
        refused("zeo.conf:4: '100' cannot be the value of 'shelf'; expected a whole number from 1 to 99", "shelf 100");
        refused(
                "zeo.conf:4: unknown key 'depth' in <shelfstorage top>; expected one"
                        + " of label, shelf, write-mostly",
                "depth 3\nshelf 1");
        refused(
                "zeo.conf:5: 'text' is missing in <sticker>; expected a line 'text' with a text",
                "shelf 1\n<sticker/>");
    }

    @Test
    void twoKindsOfTheSameSectionTypeAreRefused() {
        MemberKind one = new MappingStorage();

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> MemberKinds.of(List.of(one, new MappingStorage())))
                .withMessage("class path: two kinds of members have the section type <mappingstorage>: "
                        + MappingStorage.class.getName() + " and " + MappingStorage.class.getName()
                        + "; take the jar of one of them away");
    }

    /** A kind that only a jar of the calling thread's context names. */
    public static final class Cupboard implements MemberKind {

        @Override
        public SectionType section() {
            return SectionType.of("cupboard", List.of());
        }

        @Override
        public MemberDefinition define(String name, Section section) {
            return new MappingStorage().define(name, section);
        }
    }

    @Test
    void aJarThatCannotBeLoadedDoesNotStopTheOthersOfTheContext() throws IOException {
        Path services = folder.resolve("META-INF/services");
        Files.createDirectories(services);
        Files.writeString(
                services.resolve(MemberKind.class.getName()),
                "no.such.Kind\njava.lang.String\n" + Cupboard.class.getName() + "\n");
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader jar = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            thread.setContextClassLoader(jar);

            assertThat(MemberKinds.find().of("filestorage")).isPresent();
            assertThat(MemberKinds.find().of("cupboard")).containsInstanceOf(Cupboard.class);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private void refused(String message, String inside) {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> parse("<raidstorage main>\n<mappingstorage quick/>\n<shelfstorage top>\n" + inside
                        + "\n</shelfstorage>\n</raidstorage>"))
                .withMessageContaining(message);
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
}
