package org.zeoraid.run;

/** Says what a server says whose second command fails, and then serves until it is told to stop. */
public final class FakeServer {
    private FakeServer() {}

    public static void main(String... arguments) throws InterruptedException {
        System.out.println("Boot Command deploy returned with result SUCCESS : deployed");
        System.out.println(
                "[WARNING] Boot Command create-connector-resource failed PlainTextActionReporter: no such pool");
        System.out.println("\"Name\": \"raid-rar\"");
        System.out.println("Payara Micro 6 #badassmicrofish ready in 12345 (ms)");
        Thread.currentThread().join();
    }
}
