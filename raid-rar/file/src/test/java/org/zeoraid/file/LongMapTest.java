package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LongMapTest {

    @Test
    void itIsAMapWhateverIsDoneToIt() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            LongMap map = seed % 2 == 0 ? new LongMap() : new LongMap(random.nextInt(3000));
            Map<Long, Long> model = new HashMap<>();
            Set<Long> marked = new HashSet<>();
            for (int step = 0; step < 20_000; step++) {
                long key = random.nextInt(3000) * (seed % 3 == 0 ? 1L : 0x0001_0000_0001L) - 1000;
                switch (random.nextInt(4)) {
                    case 0 -> {
                        map.remove(key);
                        model.remove(key);
                        marked.remove(key);
                    }
                    case 1 -> assertThat(map.mark(key)).isEqualTo(model.containsKey(key) && marked.add(key));
                    default -> {
                        map.put(key, step + 1);
                        model.put(key, step + 1L);
                    }
                }
                assertThat(map.get(key)).isEqualTo(model.getOrDefault(key, 0L));
                assertThat(map.isMarked(key)).isEqualTo(marked.contains(key));
                assertThat(map.size()).isEqualTo(model.size());
            }
            Map<Long, Long> unmarked = new HashMap<>(model);
            unmarked.keySet().removeAll(marked);
            Map<Long, Long> told = new HashMap<>();
            map.forEachUnmarked(told::put);
            assertThat(told).isEqualTo(unmarked);
        }
    }
}
