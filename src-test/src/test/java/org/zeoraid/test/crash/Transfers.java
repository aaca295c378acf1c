package org.zeoraid.test.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.zeoraid.test.bank.Bank;

/**
 * The bank's clients, each of which makes one transfer after another and repeats what meets a conflict, until they are closed or the
 * server is gone; and an auditor.
 */
final class Transfers implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final RemoteBank bank;
    private final List<Thread> clients = new ArrayList<>();
    private final Thread auditor;
    private final AtomicLongArray acknowledged = new AtomicLongArray(Bank.CLIENTS);
    private final AtomicInteger transfers = new AtomicInteger();
    private final AtomicInteger audits = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean isAuditing = true;
    private volatile boolean isOpen = true;

    /** @param numbers of each client's last transfer before */
    Transfers(RemoteBank bank, List<Long> numbers) {
        this.bank = bank;
        for (int i = 0; i < Bank.CLIENTS; i++) {
            int client = i;
            acknowledged.set(client, numbers.get(client));
            clients.add(new Thread(() -> work(client), "client-" + client));
        }
        auditor = new Thread(this::audit, "auditor");
        clients.forEach(Thread::start);
        auditor.start();
    }

    private void work(int client) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        while (isOpen) {
            String transfer = "&client=" + client + "&number=" + (acknowledged.get(client) + 1) + "&amount="
                    + random.nextInt(-100, 100) + "&from=" + random.nextInt(Bank.ACCOUNTS) + "&to="
                    + random.nextInt(Bank.ACCOUNTS);
            try {
                HttpResponse<String> answer = bank.post("transfer", transfer);
                if (answer.statusCode() == 200) {
                    acknowledged.incrementAndGet(client);
                    transfers.incrementAndGet();
                } else if (answer.statusCode() != RemoteBank.CONFLICT) {
                    failures.add(transfer + ": " + answer.statusCode() + " " + answer.body());
                    return;
                }
            } catch (UncheckedIOException e) {
                return; // the server is gone
            }
        }
    }

    private void audit() {
        while (isAuditing) {
            try {
                if (bank.audit().isPresent()) {
                    audits.incrementAndGet();
                }
            } catch (UncheckedIOException e) {
                return;
            } catch (AssertionError e) {
                failures.add("audit: " + e.getMessage());
                return;
            }
        }
    }

    /** Waits until so many more transfers have been acknowledged, and as many audits are done, and ends the auditing. */
    void awaitWork(int moreTransfers, int moreAudits) {
        int wantedTransfers = transfers.get() + moreTransfers;
        int wantedAudits = audits.get() + moreAudits;
        await().atMost(PATIENCE)
                .until(() -> !failures.isEmpty() || transfers.get() >= wantedTransfers && audits.get() >= wantedAudits);
        isAuditing = false;
        join(auditor);
        assertThat(failures).isEmpty();
    }

    /** The number of a client's last transfer that was acknowledged. */
    long acknowledged(int client) {
        return acknowledged.get(client);
    }

    /** Ends the work, or waits until everybody has seen that the server is gone; what else went wrong is told. */
    void awaitEnd() {
        close();
        assertThat(failures).isEmpty();
    }

    /** No client begins anything new; waits for nothing. */
    void beginNothing() {
        isOpen = false;
        isAuditing = false;
    }

    @Override
    public void close() {
        beginNothing();
        clients.forEach(Transfers::join);
        join(auditor);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
