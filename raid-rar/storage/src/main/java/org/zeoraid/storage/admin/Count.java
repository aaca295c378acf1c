package org.zeoraid.storage.admin;

/** How many of something, for people: {@code 1 transaction}, {@code 259 transactions}. */
public final class Count {

    private Count() {}

    /** @param one what one of them is called; several take an s */
    public static String of(long number, String one) {
        return number + " " + one + (number == 1 ? "" : "s");
    }
}
