package org.zeoraid.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Notes its arguments, says what a server says whose second command fails, and then serves until it is told to stop. */
public final class FakeServer {
    private FakeServer() {}

    public static void main(String... arguments) throws IOException, InterruptedException {
        Files.write(Path.of("arguments"), List.of(arguments));
        System.out.println("Boot Command deploy returned with result SUCCESS : deployed");
        System.out.println(
                "[WARNING] Boot Command create-connector-resource failed PlainTextActionReporter: no such pool");
        System.out.println("\"Name\": \"raid-rar\"");
        System.out.println("Payara Micro 6 #badassmicrofish ready in 12345 (ms)");
        Thread.currentThread().join();
    }
}
