package org.zeoraid.test.crash;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a server is halted.
 *
 * @param sides of the bank, in the order in which they take part in transactions
 * @param name as {@link org.zeoraid.test.halting.HaltingPoints} knows it
 */
record CrashPoint(String sides, String name) {

    /** One between the two votes, one after the decision, one between the two commits; and one of two arrays. */
    static final List<CrashPoint> CHOSEN = List.of(
            new CrashPoint("main,database", "after prepare of main"),
            new CrashPoint("main,database", "after decision"),
            new CrashPoint("main,database", "after commit of main"),
            new CrashPoint("main,second", "after commit of main"));

    private static final List<String> CALLS = List.of(
            "prepare of FIRST",
            "prepare of SECOND",
            "sync of raid.prepared",
            "decision",
            "commit of FIRST",
            "sync of Data.fs",
            "commit of SECOND",
            "forgetting");

    /** Every step, with each side as the first one. */
    static List<CrashPoint> all() {
        List<CrashPoint> points = new ArrayList<>();
        for (String sides : List.of("main,database", "database,main", "main,second")) {
            String[] names = sides.split(",");
            for (String call : CALLS) {
                String of = call.replace("FIRST", names[0]).replace("SECOND", names[1]);
                points.add(new CrashPoint(sides, "before " + of));
                points.add(new CrashPoint(sides, "after " + of));
            }
        }
        return points;
    }

    @Override
    public String toString() {
        return name + " (" + sides + ")";
    }
}
