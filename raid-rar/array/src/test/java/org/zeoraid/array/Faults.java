package org.zeoraid.array;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The switches of a member that misbehaves as it is told to; they outlive the logs that are opened. Safe for any number of
 * threads.
 */
public final class Faults {

    /** What becomes of a transaction. */
    public enum Append {
        WORK,
        /** Refused, and not there. */
        REFUSE,
        /** Refused for want of room. */
        DISK_FULL,
        /** Not there, but the answer does not say so. */
        UNKNOWN_LOST,
        /** There, but the answer does not say so. */
        UNKNOWN_DONE,
        /** No answer, and not there, until released. */
        HANG,
        /** No answer until released, and there at once. */
        HANG_DONE,
        /** Said to be durable, and not there. */
        LIE,
        /** A bug: the call itself throws. */
        THROW
    }

    /** What becomes of a read. */
    public enum Read {
        WORK,
        UNAVAILABLE,
        DAMAGED,
        /** Every object is said not to exist. */
        MISSING,
        /** Every object is said to have no revision as early as that. */
        NOTHING,
        /** No answer until released. */
        HANG,
        /** The calling thread is held up until released, if it needs the disk. */
        BLOCK,
        THROW
    }

    /** What becomes of an attempt to open the member. */
    public enum Open {
        WORK,
        UNAVAILABLE,
        HANG
    }

    private final AtomicInteger appendsUntilFault = new AtomicInteger();
    private final List<Runnable> held = new ArrayList<>();
    private final List<Runnable> heldCalls = new ArrayList<>();
    private volatile Append append = Append.WORK;
    private volatile Read read = Read.WORK;
    private volatile Open open = Open.WORK;
    private volatile boolean cutsBlock;
    private volatile Set<String> silent = Set.of();
    private volatile boolean returning;
    private volatile boolean keepsGarbage;
    private volatile String identity = "";
    private volatile int connections;
    private volatile CountDownLatch gate = new CountDownLatch(1);
    private volatile boolean once;
    private volatile boolean damaged;
    private volatile int appends;
    private volatile int reads;

    /** From the next transaction on. */
    public Faults appends(Append fault) {
        return appendsAfter(0, fault);
    }

    /** After some more transactions. */
    public Faults appendsAfter(int count, Append fault) {
        appendsUntilFault.set(count);
        append = fault;
        once = false;
        return this;
    }

    /** The next transaction only. */
    public Faults appendOnce(Append fault) {
        appends(fault);
        once = true;
        return this;
    }

    public Faults reads(Read fault) {
        read = fault;
        return this;
    }

    public Faults opening(Open fault) {
        open = fault;
        return this;
    }

    /** Whoever has it cut its tail off is held up until released. */
    public Faults cutsBlock() {
        cutsBlock = true;
        return this;
    }

    /** Its kind returns by itself, and nothing is kept beside it. */
    public Faults returning() {
        returning = true;
        return this;
    }

    boolean isReturning() {
        return returning;
    }

    /** Its packs never collect garbage. */
    public Faults keepsGarbage() {
        keepsGarbage = true;
        return this;
    }

    boolean isKeepingGarbage() {
        return keepsGarbage;
    }

    /** It tells which storage it is. */
    public Faults identity(String now) {
        identity = now;
        return this;
    }

    String identity() {
        return identity;
    }

    /** All logs that are open are of no use any more. */
    public Faults loseConnections() {
        connections++;
        return this;
    }

    int connections() {
        return connections;
    }

    /** A pack is begun when released, and not before. */
    public Faults packsHang() {
        return silentAt("pack");
    }

    /** These calls, by the names of their methods, are not answered until released. */
    public Faults silentAt(String... calls) {
        silent = Set.of(calls);
        return this;
    }

    boolean isSilentAt(String call) {
        return silent.contains(call);
    }

    void cut() {
        if (cutsBlock) {
            block();
        }
    }

    /** From now on a verification finds damage, until all is set aside. */
    public Faults damaged() {
        damaged = true;
        return this;
    }

    void setAside() {
        damaged = false;
    }

    boolean isDamaged() {
        return damaged;
    }

    /** Works again, and does what it was asked to do meanwhile, in order. */
    public void release() {
        append = Append.WORK;
        read = Read.WORK;
        open = Open.WORK;
        cutsBlock = false;
        silent = Set.of();
        List<Runnable> now;
        synchronized (this) {
            now = new ArrayList<>(held);
            now.addAll(heldCalls);
            held.clear();
            heldCalls.clear();
            gate.countDown();
            gate = new CountDownLatch(1);
        }
        now.forEach(Runnable::run);
    }

    /** Transactions that it was sent. */
    public int appendCount() {
        return appends;
    }

    /** Reads that it was sent. */
    public int readCount() {
        return reads;
    }

    synchronized Append nextAppend() {
        appends++;
        if (append == Append.WORK || appendsUntilFault.getAndDecrement() > 0) {
            return Append.WORK;
        }
        Append now = append;
        if (once) {
            append = Append.WORK;
        }
        return now;
    }

    synchronized Read nextRead() {
        reads++;
        return read;
    }

    boolean isBlocking() {
        return read == Read.BLOCK;
    }

    Open nextOpen() {
        return open;
    }

    synchronized boolean isHolding() {
        return !held.isEmpty();
    }

    synchronized void holdCall(Runnable action) {
        heldCalls.add(action);
    }

    synchronized void hold(Runnable action) {
        held.add(action);
    }

    void block() {
        CountDownLatch now = gate;
        boolean interrupted = false;
        while (true) {
            try {
                now.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
