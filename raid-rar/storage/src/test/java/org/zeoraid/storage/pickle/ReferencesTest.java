package org.zeoraid.storage.pickle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.zeoraid.storage.Oid;

class ReferencesTest {

    /**
     * A line of records.tsv: records pickled by Python's pickle and zodbpickle in all protocols, and broken ones.
     *
     * @param expected oids in order, or nothing where the record is opaque
     */
    record Sample(String name, boolean isBlob, List<Oid> expected, boolean isOpaque, byte[] data) {

        static Sample parse(String line) {
            String[] parts = line.split("\t", -1);
            boolean opaque = parts[2].equals("opaque");
            List<Oid> oids = opaque || parts[2].equals("none")
                    ? List.of()
                    : Stream.of(parts[2].split(",")).map(Oid::parse).toList();
            return new Sample(
                    parts[0],
                    parts[1].equals("blob"),
                    oids,
                    opaque,
                    HexFormat.of().parseHex(parts[3]));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Sample> samples() {
        return new String(resource("records.tsv"), StandardCharsets.UTF_8)
                .lines()
                .map(Sample::parse)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void findsTheReferencesThatPythonWroteAndTellsWhatItCannotRead(Sample sample) {
        References references = References.of(sample.data());

        if (sample.isOpaque()) {
            assertThat(references).isInstanceOf(References.Opaque.class);
        } else {
            assertThat(references).isEqualTo(new References.Found(sample.expected()));
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void tellsBlobsFromOtherObjects(Sample sample) {
        assertThat(BlobRecords.isBlob(sample.data())).isEqualTo(sample.isBlob());
    }

    @Test
    void reachesInARealDatabaseExactlyTheObjectsThatPythonsPackKeeps() {
        Map<Oid, byte[]> current = currentData(resource("history.fs"));
        Set<Oid> reached = new HashSet<>();
        Deque<Oid> todo = new ArrayDeque<>(List.of(Oid.ROOT));
        while (!todo.isEmpty()) {
            Oid oid = todo.pop();
            if (reached.add(oid)) {
                assertThat(current).containsKey(oid);
                References references = References.of(current.get(oid));
                assertThat(references).isInstanceOf(References.Found.class);
                todo.addAll(((References.Found) references).oids());
            }
        }

        Set<Oid> kept = new HashSet<>();
        Matcher oids = Pattern.compile("\"oid\": \"([0-9a-f]{16})\"")
                .matcher(new String(resource("packed.expected.jsonl"), StandardCharsets.UTF_8));
        while (oids.find()) {
            kept.add(Oid.parse(oids.group(1)));
        }
        assertThat(reached).isEqualTo(kept).hasSizeGreaterThan(50);
        assertThat(current.keySet()).as("there is garbage").hasSizeGreaterThan(reached.size());
    }

    @Test
    void anyDamageIsAnsweredAndNeverThrown() {
        Random random = new Random(5);
        List<Sample> samples = samples();
        for (int i = 0; i < 200_000; i++) {
            byte[] data = samples.get(random.nextInt(samples.size())).data().clone();
            if (data.length == 0) {
                continue;
            }
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                data[random.nextInt(data.length)] = (byte) random.nextInt();
            }
            byte[] damaged = Arrays.copyOf(data, 1 + random.nextInt(data.length));
            assertThat(References.of(damaged)).isNotNull();
            BlobRecords.isBlob(damaged);
        }
    }

    @Test
    void deepAndWideRecordsAreReadInMemoryOfTheirSize() {
        byte[] data = new byte[5_000_000];
        Arrays.fill(data, (byte) '(');
        data[0] = 'N';
        data[1] = '.';
        assertThat(References.of(data)).isInstanceOf(References.Opaque.class);

        Arrays.fill(data, 2, data.length, (byte) 'N');
        data[data.length - 1] = '.';
        assertThat(References.of(data)).isEqualTo(new References.Found(List.of()));
    }

    @Test
    void oneScannerReadsManyRecordsWithoutMixingThem() {
        ReferenceScanner scanner = new ReferenceScanner();
        for (Sample sample : samples()) {
            var found = new java.util.ArrayList<Oid>();
            assertThat(scanner.scan(sample.data(), oid -> found.add(new Oid(oid))))
                    .isNotEqualTo(sample.isOpaque());
            if (!sample.isOpaque()) {
                assertThat(found).isEqualTo(sample.expected());
            }
        }
    }

    /** The newest data of each object that is not gone, read by the format's description. */
    private static Map<Oid, byte[]> currentData(byte[] file) {
        Map<Oid, byte[]> current = new HashMap<>();
        ByteBuffer in = ByteBuffer.wrap(file);
        int position = 4;
        while (position < file.length) {
            int end = position + (int) in.getLong(position + 8);
            int at = position
                    + 23
                    + in.getShort(position + 17)
                    + in.getShort(position + 19)
                    + in.getShort(position + 21);
            while (at < end) {
                Oid oid = new Oid(in.getLong(at));
                byte[] data = data(in, at);
                if (data.length == 0) {
                    current.remove(oid);
                } else {
                    current.put(oid, data);
                }
                int length = (int) in.getLong(at + 34);
                at += 42 + (length == 0 ? 8 : length);
            }
            position = end + 8;
        }
        return current;
    }

    private static byte[] data(ByteBuffer in, int record) {
        int at = record;
        while (in.getLong(at + 34) == 0) {
            at = (int) in.getLong(at + 42);
            if (at == 0) {
                return new byte[0];
            }
        }
        byte[] data = new byte[(int) in.getLong(at + 34)];
        in.get(at + 42, data);
        return data;
    }

    private static byte[] resource(String name) {
        try (InputStream in = ReferencesTest.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
