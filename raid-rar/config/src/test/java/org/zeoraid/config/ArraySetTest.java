package org.zeoraid.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;

@Timeout(60)
class ArraySetTest {

    private static final String TWO_ARRAYS = """
            <raidstorage one>
              retry-pause 10ms
              <filestorage a>
                path one/a/Data.fs
              </filestorage>
              <filestorage b>
                path one/b/Data.fs
              </filestorage>
            </raidstorage>
            <raidstorage two>
              <mappingstorage a/>
              <mappingstorage b/>
            </raidstorage>
            """;

    @TempDir
    Path folder;

    @Test
    void theEmbeddedDefaultServesAndKeepsWhatItWasGiven() {
        RaidConfiguration configuration = RaidConfiguration.embedded(folder);
        Tid tid;
        try (ArraySet arrays = ArraySet.open(configuration)) {
            ConfiguredArray main = serving(arrays, "main");
            tid = commit(main.storage(), Oid.ROOT, Tid.NONE, "first");
        }
        assertThat(folder.resolve("a/Data.fs")).isRegularFile();
        assertThat(folder.resolve("b/Data.fs")).hasSameBinaryContentAs(folder.resolve("a/Data.fs"));
        assertThat(folder.resolve("main.state")).isDirectory();

        try (ArraySet arrays = ArraySet.open(configuration)) {
            ConfiguredArray main = serving(arrays, "main");

            assertThat(main.administration().status().state()).isEqualTo(ArrayState.OPTIMAL);
            assertThat(get(main.storage().loadSerial(Oid.ROOT, tid))).isEqualTo("first".getBytes(UTF_8));
        }
    }

    @Test
    void anArrayThatCannotBeOpenedDoesNotKeepTheOthersFromServing() throws IOException {
        RaidConfiguration configuration = parse(TWO_ARRAYS);
        Files.writeString(folder.resolve("one.state"), "a file where a folder should be");

        try (ArraySet arrays = ArraySet.open(configuration)) {
            ConfiguredArray two = serving(arrays, "two");
            commit(two.storage(), Oid.ROOT, Tid.NONE, "served");

            ConfiguredArray one = arrays.array("one").orElseThrow();
            ArrayStatus status = one.administration().status();
            assertThat(status.state()).isEqualTo(ArrayState.FAILED);
            assertThat(status.reason()).startsWith("could not be opened: ").contains("one.state");
            assertThat(status.members()).extracting(MemberStatus::state).containsOnly(MemberState.WAITING);
            assertThatExceptionOfType(ArrayFailedException.class)
                    .isThrownBy(() -> one.storage().begin(TransactionMeta.EMPTY))
                    .withMessageContaining("one.state");
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(() -> get(one.storage().lastTid()))
                    .withCauseInstanceOf(ArrayFailedException.class);
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(
                            () -> get(one.storage().headers(Tid.NONE, Tid.MAX).next(1)))
                    .withCauseInstanceOf(ArrayFailedException.class);
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(() -> get(one.administration().disable("a")))
                    .withCauseInstanceOf(AdministrationException.class);
        }
    }

    @Test
    void anArrayThatCouldNotBeOpenedIsTriedAgainAndItsListenersKnowOfIt() {
        RaidConfiguration configuration = parse(TWO_ARRAYS);
        List<Oid> changed = new CopyOnWriteArrayList<>();
        ArraySet holder = ArraySet.open(configuration);
        serving(holder, "one");
        try (ArraySet arrays = ArraySet.open(configuration)) {
            ConfiguredArray one = arrays.array("one").orElseThrow();
            assertThat(one.administration().status().reason()).contains("is locked");
            one.storage().subscribe(new Listener(changed));

            holder.close();

            serving(arrays, "one");
            commit(one.storage(), Oid.ROOT, Tid.NONE, "at last");
            assertThat(changed).containsExactly(Oid.ROOT);
        } finally {
            holder.close();
        }
    }

    @Test
    void reloadingTriesAtOnceToOpenWhatCouldNotBe() throws IOException {
        RaidConfiguration configuration = parse(TWO_ARRAYS.replace("10ms", "1d"));
        Path blocked = folder.resolve("one.state");
        Files.writeString(blocked, "a file where a folder should be");
        try (ArraySet arrays = ArraySet.open(configuration)) {
            ConfiguredArray one = arrays.array("one").orElseThrow();
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(() -> get(one.administration().reload()))
                    .withMessageContaining("when that is put right, reload the array");

            Files.delete(blocked);
            get(one.administration().reload());

            serving(arrays, "one");
        }
    }

    @Test
    void reloadingReadsTheFileAgain() throws IOException {
        String one = "<raidstorage main>\n<mappingstorage a/>\n";
        try (ArraySet arrays = ArraySet.open(parse(one + "</raidstorage>"))) {
            ConfiguredArray main = serving(arrays, "main");
            commit(main.storage(), Oid.ROOT, Tid.NONE, "x");

            parse(one + "<mappingstorage b/>\n</raidstorage>");
            get(main.administration().reload());

            assertThat(main.administration().status().members())
                    .extracting(MemberStatus::name)
                    .containsExactly("a", "b");
            assertThat(main.administration().status().members().get(1).state()).isEqualTo(MemberState.DEGRADED);
        }
    }

    @Test
    void reloadingABrokenFileIsRefusedWithTheLineAndChangesNothing() throws IOException {
        try (ArraySet arrays = ArraySet.open(parse("<raidstorage main>\n<mappingstorage a/>\n</raidstorage>"))) {
            ConfiguredArray main = serving(arrays, "main");
            Files.writeString(folder.resolve("zeo.conf"), "<raidstorage main>\n<mappingstorage b>\n</raidstorage>");

            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(() -> get(main.administration().reload()))
                    .withCauseInstanceOf(AdministrationException.class)
                    .withMessageContaining("zeo.conf:3: '</raidstorage>' cannot end <mappingstorage b>");
            assertThat(main.administration().status().state()).isEqualTo(ArrayState.OPTIMAL);
        }
    }

    @Test
    void closingTheStorageClosesItsArrayAlone() {
        try (ArraySet arrays = ArraySet.open(parse(TWO_ARRAYS))) {
            ConfiguredArray one = serving(arrays, "one");
            ConfiguredArray two = serving(arrays, "two");

            one.storage().close();

            assertThatExceptionOfType(StorageClosedException.class)
                    .isThrownBy(() -> one.storage().begin(TransactionMeta.EMPTY));
            commit(two.storage(), Oid.ROOT, Tid.NONE, "served");
        }
    }

    @Test
    void membersThatAreTheSameStorageAreRefusedWithTheLine() {
        RaidConfiguration configuration = parse("""
                <raidstorage main>
                  <shelfstorage a>
                    shelf 1
                  </shelfstorage>
                  <shelfstorage b>
                    shelf 1
                  </shelfstorage>
                </raidstorage>
                """);

        try (ArraySet arrays = ArraySet.open(configuration)) {
            assertThat(arrays.array("main")
                            .orElseThrow()
                            .administration()
                            .status()
                            .reason())
                    .contains("zeo.conf:1: members a and b of array main are the same storage, shelf 1 (plain)");
        }
        assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> configuration.reread("gone"));
    }

    private record Listener(List<Oid> changed) implements Storage.InvalidationListener {

        @Override
        public void committed(Tid tid, List<Oid> oids, StorageTransaction by) {
            changed.addAll(oids);
        }

        @Override
        public void dropCaches() {
            // Holds none.
        }
    }

    private static ConfiguredArray serving(ArraySet arrays, String name) {
        ConfiguredArray array = arrays.array(name).orElseThrow();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> array.administration().status().state() == ArrayState.OPTIMAL);
        return array;
    }

    private static Tid commit(Storage storage, Oid oid, Tid based, String data) {
        StorageTransaction transaction = storage.begin(TransactionMeta.of("tester", "a test"));
        transaction.store(oid, based, data.getBytes(UTF_8));
        get(transaction.vote());
        return get(transaction.finish());
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
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
