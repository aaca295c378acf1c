package org.zeoraid.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.zeoraid.array.RaidArray;
import org.zeoraid.zeo.server.Offering;
import org.zeoraid.zeo.server.ServerOptions;
import org.zeoraid.zeo.server.ZeoServer;

/** Our server over an array of three file members, in a process of its own, so that what it takes can be told apart. */
final class ZeoServerProcess implements AutoCloseable {

    /** Memory in bytes. */
    record Memory(long heap, long direct) {

        static Memory now() {
            System.gc();
            return new Memory(
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                    ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                            .filter(pool -> pool.getName().equals("direct"))
                            .mapToLong(BufferPoolMXBean::getMemoryUsed)
                            .sum());
        }

        Memory max(Memory other) {
            return new Memory(Math.max(heap, other.heap), Math.max(direct, other.direct));
        }

        Memory minus(Memory other) {
            return new Memory(heap - other.heap, direct - other.direct);
        }
    }

    private static final String WATCH = "watch";
    private static final String PEAK = "peak";
    private static final long BETWEEN_MILLIS = 50;

    private final Process process;
    private final BufferedReader lines;
    private final PrintStream commands;
    private final ZeoTarget target;

    /** @param options for the Java virtual machine */
    ZeoServerProcess(Path folder, String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-classpath", System.getProperty("java.class.path")));
        command.addAll(List.of(ZeoServerProcess.class.getName(), folder.toString()));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        lines = process.inputReader(StandardCharsets.UTF_8);
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        target = new ZeoTarget(
                "ours",
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(line())),
                "1",
                Optional.of(process.toHandle()));
    }

    ZeoTarget target() {
        return target;
    }

    /** From now on the server collects its garbage again and again, and remembers the most that was left. */
    void watchMemory() {
        commands.println(WATCH);
        line();
    }

    /** The most that was left, above what there was when it began to be watched. */
    Memory memoryAboveIdle() {
        commands.println(PEAK);
        String[] numbers = line().split(" ");
        return new Memory(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
    }

    private String line() {
        try {
            String line = lines.readLine();
            if (line == null) {
                throw new IllegalStateException("the server's process has ended");
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        commands.close();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("the server's process did not end within a minute");
        }
    }

    /** The server: prints its port, then does what it is told, until its input ends. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        try (Bed bed = new Bed(folder)) {
            RaidArray array = bed.arrayWithBlobs(3);
            try (ZeoServer server = new ZeoServer(
                    Map.of("1", Offering.of(array.storage(), array)),
                    ServerOptions.defaults(folder.resolve("spool")),
                    Clock.systemUTC())) {
                InetSocketAddress address =
                        (InetSocketAddress) server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                System.out.println(address.getPort());
                obey(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
            }
        }
    }

    private static void obey(BufferedReader commands) throws IOException, InterruptedException {
        MemoryWatch watch = new MemoryWatch();
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            if (command.equals(WATCH)) {
                watch.start();
                System.out.println("watching");
            } else {
                Memory above = watch.end();
                System.out.println(above.heap() + " " + above.direct());
            }
        }
    }

    /** Collects garbage again and again, and remembers the most that was left. */
    private static final class MemoryWatch extends Thread {

        private final Memory idle = Memory.now();
        private Memory peak = idle;
        private volatile boolean ended;

        MemoryWatch() {
            super("benchmark-memory");
            setDaemon(true);
        }

        @Override
        public void run() {
            while (!ended) {
                peak = peak.max(Memory.now());
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(BETWEEN_MILLIS));
            }
        }

        /** The most that was left above what there was at first. */
        Memory end() throws InterruptedException {
            ended = true;
            join();
            return peak.minus(idle);
        }
    }
}
