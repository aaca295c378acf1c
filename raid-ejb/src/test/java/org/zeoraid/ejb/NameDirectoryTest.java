package org.zeoraid.ejb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.commit.CommitOptions;
import org.zeoraid.storage.commit.TransactionalStorage;
import org.zeoraid.storage.memory.MemoryLog;
import org.zeoraid.storage.seam.SystemEnvironment;

class NameDirectoryTest {

    private final SystemEnvironment environment = new SystemEnvironment();
    private TransactionalStorage storage;

    @BeforeEach
    void open(@TempDir Path folder) {
        CommitOptions options = CommitOptions.spillingTo(folder).withLockWait(Duration.ofMillis(50));
        storage = TransactionalStorage.open("main", new MemoryLog(), environment, options)
                .toCompletableFuture()
                .join();
    }

    @AfterEach
    void close() {
        storage.close();
        environment.close();
    }

    @Test
    void anObjectIsFoundAgainByItsName() {
        in(names -> assertThat(names.bind("customers/Ätna", new Oid(7))).isTrue());

        in(names -> {
            assertThat(names.lookup("customers/Ätna")).contains(new Oid(7));
            assertThat(names.lookup("customers")).isEmpty();
        });
    }

    @Test
    void aNameThatIsTakenIsNotBoundToAnother() {
        in(names -> names.bind("x", new Oid(7)));

        in(names -> {
            assertThat(names.bind("x", new Oid(8))).isFalse();
            assertThat(names.bind("x", new Oid(7))).isTrue();
            assertThat(names.lookup("x")).contains(new Oid(7));
            assertThat(names.rebind("x", new Oid(9))).contains(new Oid(7));
            assertThat(names.lookup("x")).contains(new Oid(9));
            assertThat(names.unbind("x")).contains(new Oid(9));
            assertThat(names.unbind("x")).isEmpty();
        });

        in(names -> assertThat(names.list("")).isEmpty());
    }

    @Test
    void manyNamesAreAllFoundAndListedInOrder() {
        TreeMap<String, Oid> model = new TreeMap<>();
        Random random = new Random(42);
        for (int transaction = 0; transaction < 60; transaction++) {
            in(names -> {
                for (int i = 0; i < 100; i++) {
                    String name = "n" + random.nextInt(5000);
                    Oid oid = new Oid(random.nextLong());
                    if (random.nextInt(4) == 0) {
                        assertThat(names.unbind(name).orElse(Oid.MAX)).isEqualTo(removed(model, name));
                    } else {
                        names.rebind(name, oid);
                        model.put(name, oid);
                    }
                }
            });
        }

        assertThat(model).hasSizeGreaterThan(2000);
        in(names -> {
            assertThat(names.list("")).containsExactlyEntriesOf(model);
            assertThat(names.list("n12")).containsExactlyEntriesOf(model.subMap("n12", "n13"));
            for (Map.Entry<String, Oid> entry : model.entrySet()) {
                assertThat(names.lookup(entry.getKey())).contains(entry.getValue());
            }
        });
    }

    @Test
    void noRecordGrowsWithoutBounds() {
        in(names -> {
            for (int i = 0; i < 5_000; i++) {
                names.bind("n" + i, new Oid(i));
            }
        });

        List<CurrentRecord> records = storage.currentRecords(Oid.ROOT)
                .next(Long.MAX_VALUE)
                .toCompletableFuture()
                .join();

        assertThat(records).hasSizeLessThan(5_000 / 16);
        assertThat(records).allSatisfy(record -> assertThat(record.data().length)
                .isLessThanOrEqualTo(9 + NameDirectory.LEAF_MAX * (2 + 6 + 8)));
    }

    @Test
    void ofTwoWhoBindTheSameNameAtOnceOneGetsAConflict() {
        OneTransaction first = new OneTransaction(storage);
        OneTransaction second = new OneTransaction(storage);
        new NameDirectory(first).bind("x", new Oid(1));
        new NameDirectory(second).bind("x", new Oid(2));
        first.commit();

        assertThatThrownBy(second::commit).isInstanceOf(ConflictException.class);

        second.rollback();
        in(names -> assertThat(names.lookup("x")).contains(new Oid(1)));
    }

    @Test
    void inADirectoryOfSomeSizeDifferentNamesSeldomMeet() {
        in(names -> {
            for (int i = 0; i < 4000; i++) {
                names.bind("name " + i, new Oid(i));
            }
        });
        int conflicts = 0;
        for (int i = 0; i < 100; i++) {
            OneTransaction first = new OneTransaction(storage);
            OneTransaction second = new OneTransaction(storage);
            new NameDirectory(first).bind("one " + i, new Oid(1));
            new NameDirectory(second).bind("other " + i, new Oid(2));
            first.commit();
            try {
                second.commit();
            } catch (ConflictException e) {
                second.rollback();
                conflicts++;
            }
        }

        // leaves hold at most 128 names, so there are at least 32 of them
        assertThat(conflicts).isLessThan(15);
    }

    @Test
    void whatIsRolledBackWasNeverBound() {
        OneTransaction transaction = new OneTransaction(storage);
        new NameDirectory(transaction).bind("x", new Oid(1));
        transaction.rollback();

        in(names -> assertThat(names.lookup("x")).isEmpty());
    }

    @Test
    void aPythonApplicationsRootIsLeftAlone() {
        OneTransaction python = new OneTransaction(storage);
        python.store(Oid.ROOT, HexFormat.of().parseHex("8003636d61707070696e670a"));
        python.commit();

        OneTransaction transaction = new OneTransaction(storage);
        assertThatThrownBy(() -> new NameDirectory(transaction).bind("x", new Oid(1)))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("no directory of names");
        transaction.rollback();
    }

    @Test
    void namesHaveBounds() {
        OneTransaction transaction = new OneTransaction(storage);
        NameDirectory names = new NameDirectory(transaction);

        names.bind("x".repeat(1024), new Oid(1));
        for (String bad : List.of("", "x".repeat(1025), "ä".repeat(513), "line\nbreak")) {
            assertThatThrownBy(() -> names.bind(bad, new Oid(1))).isInstanceOf(IllegalArgumentException.class);
        }
        transaction.commit();
    }

    @Test
    void theFormatIsTheDocumentedOne() {
        in(names -> {
            names.bind("b", new Oid(2));
            names.bind("a", new Oid(0x0102030405060708L));
        });

        byte[] root = new OneTransaction(storage).load(Oid.ROOT).data();

        assertThat(HexFormat.of().formatHex(root))
                .isEqualTo("5a524e01" + "00" + "00000002" + "0001" + "61" + "0102030405060708" + "0001" + "62"
                        + "0000000000000002");
    }

    @Test
    void aBranchHasSixteenChildren() {
        in(names -> {
            for (int i = 0; i <= NameDirectory.LEAF_MAX; i++) {
                names.bind("name " + i, new Oid(i));
            }
        });

        byte[] root = new OneTransaction(storage).load(Oid.ROOT).data();

        assertThat(root).hasSize(5 + 16 * 8).startsWith('Z', 'R', 'N', 1, 1);
    }

    @Test
    void aDamagedRecordIsReportedNotGuessed() {
        byte[] sound = new NameNode.Leaf(new TreeMap<>(Map.of("x", new Oid(1)))).encode();
        List<byte[]> damaged = new ArrayList<>();
        for (int length = 5; length < sound.length; length++) {
            damaged.add(java.util.Arrays.copyOf(sound, length));
        }
        damaged.add(java.util.Arrays.copyOf(sound, sound.length + 1));

        for (byte[] record : damaged) {
            assertThatThrownBy(() -> NameNode.decode(Oid.ROOT, record)).isInstanceOf(CorruptedException.class);
        }
        assertThatThrownBy(() -> NameNode.decode(Oid.ROOT, "ZRN\u0002\0".getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("version 2");
    }

    private static Oid removed(TreeMap<String, Oid> model, String name) {
        Oid oid = model.remove(name);
        return oid == null ? Oid.MAX : oid;
    }

    private void in(java.util.function.Consumer<NameDirectory> work) {
        OneTransaction transaction = new OneTransaction(storage);
        work.accept(new NameDirectory(transaction));
        transaction.commit();
    }
}
