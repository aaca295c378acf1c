package org.zeoraid.test;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Processes that tests start: none outlives the tests' own process, however that ends (but for SIGKILL). */
public final class ChildProcesses {
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(ChildProcesses::kill), "kill-children"));
    }

    private ChildProcesses() {}

    public static Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        RUNNING.add(process);
        process.onExit().thenRun(() -> RUNNING.remove(process));
        return process;
    }

    /** Kills a process and what it has started, with SIGKILL; waits for nothing. */
    static void kill(Process process) {
        // The parent first: it may know how to stop its children in order, and must not begin with that now.
        Stream<ProcessHandle> family = Stream.concat(Stream.of(process.toHandle()), process.descendants());
        family.toList().forEach(ProcessHandle::destroyForcibly);
    }
}
