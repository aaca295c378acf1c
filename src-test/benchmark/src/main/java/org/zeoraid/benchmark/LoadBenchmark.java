package org.zeoraid.benchmark;

import static org.zeoraid.benchmark.Bed.await;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.Tid;

/** Loads of current revisions in one thread, uniform over many objects; there is no cache but the system's. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class LoadBenchmark {

    private static final int OBJECTS = 1_000_000;

    /** What is read from: the file member alone, or arrays. */
    @Param({"file", "array of two", "array of three"})
    public String storage = "file";

    @Param("target/data")
    public String folder = "target/data";

    private @Nullable Bed bed;
    private @Nullable Storage opened;
    private List<Oid> oids = List.of();
    private final SplittableRandom random = new SplittableRandom(1);

    /** Fills the storage. */
    @Setup(Level.Trial)
    public void open() {
        Bed made = new Bed(Path.of(folder).toAbsolutePath().resolve("loads"));
        bed = made;
        Storage filled =
                switch (storage) {
                    case "array of two" -> made.array(2).storage();
                    case "array of three" -> made.array(3).storage();
                    default -> made.file("single");
                };
        oids = Work.fill(filled, OBJECTS, 256, 1000);
        opened = filled;
    }

    /** Empties the folder. */
    @TearDown(Level.Trial)
    public void close() throws Exception {
        if (bed != null) {
            bed.close();
        }
    }

    /** One load. */
    @Benchmark
    public Revision load() {
        if (opened == null) {
            throw new IllegalStateException("not set up");
        }
        return await(opened.loadBefore(oids.get(random.nextInt(OBJECTS)), Tid.MAX))
                .orElseThrow();
    }
}
