package org.zeoraid.benchmark;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/** Lines for people, one a figure. */
final class Report {

    private Report() {}

    static void latency(String what, Histogram histogram, double seconds) {
        print(
                "%-58s median %8.0f µs   p99 %8.0f µs   %9.0f /s",
                what,
                histogram.getValueAtPercentile(50) / 1e3,
                histogram.getValueAtPercentile(99) / 1e3,
                histogram.getTotalCount() / seconds);
    }

    static void ratio(String what, double ratio, String wanted) {
        print("%-58s %8.2f   (wanted: %s)", what, ratio, wanted);
    }

    static void rate(String what, double perSecond, String unit) {
        print("%-58s %,12.0f %s/s", what, perSecond, unit);
    }

    static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
