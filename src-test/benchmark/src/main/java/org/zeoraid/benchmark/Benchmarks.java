package org.zeoraid.benchmark;

import java.nio.file.Path;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs benchmarks: {@code commits}, {@code loads}, {@code recovery}, {@code xa}, {@code zeo} or {@code all}, in a folder that is emptied. */
public final class Benchmarks {

    private Benchmarks() {}

    /** @param arguments which one, and the folder */
    public static void main(String[] arguments) throws Exception {
        String which = arguments.length > 0 ? arguments[0] : "all";
        Path folder =
                Path.of(arguments.length > 1 ? arguments[1] : "target/data").toAbsolutePath();
        boolean all = which.equals("all");
        if (all || which.equals("commits")) {
            Commits.run(folder.resolve("commits"));
        }
        if (all || which.equals("loads")) {
            new Runner(new OptionsBuilder()
                            .include(LoadBenchmark.class.getSimpleName())
                            .param("folder", folder.toString())
                            .build())
                    .run();
        }
        if (all || which.equals("recovery")) {
            Recovery.run(folder.resolve("recovery"));
        }
        if (all || which.equals("xa")) {
            Xa.run(folder.resolve("xa"));
        }
        if (all || which.equals("zeo")) {
            Zeo.run(folder.resolve("zeo"));
        }
    }
}
