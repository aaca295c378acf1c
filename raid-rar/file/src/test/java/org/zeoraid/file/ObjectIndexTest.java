package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class ObjectIndexTest {

    @Test
    void itIsAMap() {
        // given
        ObjectIndex index = new ObjectIndex(0);
        Map<Long, Long> model = new HashMap<>();
        SplittableRandom random = new SplittableRandom(1);
        // when
        for (int i = 0; i < 300_000; i++) {
            long oid = random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(50_000);
            if (random.nextInt(10) == 0) {
                index.remove(oid);
                model.remove(oid);
            } else {
                index.put(oid, i + 4, i);
                model.put(oid, i + 4L);
            }
        }
        // then
        assertThat(index.size()).isEqualTo(model.size());
        Map<Long, Long> told = new HashMap<>();
        index.forEach((oid, position, checksum) -> {
            assertThat(checksum).isEqualTo((int) position - 4);
            assertThat(told.put(oid, position)).isNull();
        });
        assertThat(told).isEqualTo(model);
        RecordReader reader = new RecordReader();
        model.forEach((oid, position) -> {
            assertThat(index.find(oid, reader)).isEqualTo(position);
            assertThat(reader.indexedChecksum).isEqualTo((int) (position - 4));
        });
        for (int i = 0; i < 50_000; i++) {
            assertThat(index.find(i)).isEqualTo(model.getOrDefault((long) i, 0L));
        }
    }

    @Test
    void itTakesAtMost32BytesAnObjectWhateverTheOids() {
        SplittableRandom random = new SplittableRandom(2);
        assertSmall("dense", i -> i);
        assertSmall("random", i -> random.nextLong());
        assertSmall("every 256th", i -> i << 8);
        assertSmall("two ranges", i -> i % 2 == 0 ? i : i << 40);
    }

    private static void assertSmall(String which, LongUnaryOperator oids) {
        ObjectIndex index = new ObjectIndex(0);
        for (long i = 0; i < 1_200_000; i++) {
            index.put(oids.applyAsLong(i), i + 4, 1);
            if (i >= 100_000 && i % 10_000 == 0) {
                assertThat((double) index.bytes() / index.size())
                        .as("%s, %d objects", which, i)
                        .isLessThanOrEqualTo(32);
            }
        }
    }

    @Test
    void readersSeeEveryObjectWhileTheTablesGrow() throws Exception {
        // given
        ObjectIndex index = new ObjectIndex(0);
        int objects = 400_000;
        int[] there = {0};
        var done = new java.util.concurrent.atomic.AtomicInteger();
        Thread writer = new Thread(() -> {
            for (int i = 0; i < objects; i++) {
                index.put(i, i + 4L, 1);
                done.lazySet(i + 1);
            }
        });
        // when
        writer.start();
        SplittableRandom random = new SplittableRandom(3);
        // then
        while (done.get() < objects) {
            int count = done.get();
            if (count > 0) {
                int oid = random.nextInt(count);
                assertThat(index.find(oid)).isEqualTo(oid + 4L);
                there[0]++;
            }
        }
        writer.join();
        assertThat(there[0]).isPositive();
    }
}
