package org.zeoraid.storage;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * The identity of a transaction, and so the serial of every revision that it wrote: a time stamp of 8 bytes, big-endian
 * wherever it is stored or sent. The high 4 bytes count minutes since 1900 in a calendar whose months all have 31
 * days; the low 4 bytes are the second within the minute scaled to 2³². Compared as an unsigned number.
 *
 * <p>A tid is unique in a database and later than all before it, whatever the clock did: see {@link #next}.
 *
 * @param value the 8 bytes as a number
 */
public record Tid(long value) implements Comparable<Tid> {

    /** No transaction yet: the serial that a new object is based on, and the last tid of an empty database. */
    public static final Tid NONE = new Tid(0);

    /** After every transaction: the end of a revision that is current, and the bound that asks for current data. */
    public static final Tid MAX = new Tid(Long.MAX_VALUE);

    // 60 s are 2³² ticks: 29,296,875 / 2²¹ nanoseconds a tick, a product of 57 bits at the most.
    private static final long NANOS_FACTOR = 29_296_875;
    private static final int NANOS_SHIFT = 21;

    /**
     * The tid of a moment.
     *
     * @throws IllegalArgumentException if the moment lies before 1900
     */
    public static Tid at(Instant moment) {
        LocalDateTime utc = LocalDateTime.ofInstant(moment, ZoneOffset.UTC);
        if (utc.getYear() < 1900) {
            throw new IllegalArgumentException("a tid cannot tell of a time before 1900: " + moment);
        }
        long months = (utc.getYear() - 1900) * 12L + utc.getMonthValue() - 1;
        long minutes = ((months * 31 + utc.getDayOfMonth() - 1) * 24 + utc.getHour()) * 60 + utc.getMinute();
        long nanos = utc.getSecond() * 1_000_000_000L + utc.getNano();
        return new Tid(minutes << 32 | (nanos << NANOS_SHIFT) / NANOS_FACTOR);
    }

    /** The tid for a transaction now that follows {@code last}: the clock's, or just after {@code last} where that is later. */
    public static Tid next(Tid last, Instant now) {
        Tid clock = at(now);
        return clock.compareTo(last) > 0 ? clock : last.after();
    }

    /**
     * Reads the 16 hexadecimal digits of {@link #toString()}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Tid parse(String hex) {
        return new Tid(Hex8.parse("a tid", hex));
    }

    /** The smallest tid later than this one. */
    public Tid after() {
        return new Tid(value + 1);
    }

    /**
     * The largest tid earlier than this one.
     *
     * @throws IllegalStateException if there is none, before {@link #NONE}
     */
    public Tid before() {
        if (value == 0) {
            throw new IllegalStateException("nothing is earlier than tid " + this);
        }
        return new Tid(value - 1);
    }

    public boolean isAfter(Tid other) {
        return compareTo(other) > 0;
    }

    /**
     * The moment that this tid tells, rounded up to the nanosecond, so that {@link #at} gives the tid again; the last moment
     * of its month where it tells of a day the month has not.
     */
    public Instant instant() {
        long minutes = value >>> 32;
        long nanos = ((value & 0xFFFFFFFFL) * NANOS_FACTOR + (1L << NANOS_SHIFT) - 1) >> NANOS_SHIFT;
        long days = minutes / (24 * 60);
        long months = days / 31;
        try {
            return LocalDateTime.of(
                            (int) (1900 + months / 12),
                            (int) (months % 12 + 1),
                            (int) (days % 31 + 1),
                            (int) (minutes / 60 % 24),
                            (int) (minutes % 60))
                    .toInstant(ZoneOffset.UTC)
                    .plusNanos(nanos);
        } catch (DateTimeException e) {
            return LocalDateTime.of((int) (1900 + months / 12), (int) (months % 12 + 1), 1, 0, 0)
                    .plusMonths(1)
                    .toInstant(ZoneOffset.UTC)
                    .minusNanos(1);
        }
    }

    @Override
    public int compareTo(Tid other) {
        return Long.compareUnsigned(value, other.value);
    }

    /** 16 hexadecimal digits. */
    @Override
    public String toString() {
        return Hex8.format(value);
    }
}
