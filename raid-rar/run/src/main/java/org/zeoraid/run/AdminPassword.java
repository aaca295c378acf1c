package org.zeoraid.run;

import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;

/**
 * The password of the user {@code admin}.
 *
 * @param value the password itself; never printed
 * @param origin where it can be found, for people
 */
record AdminPassword(String value, String origin) {
    static final String VARIABLE = "RAID_ADMIN_PASSWORD";
    private static final Keepsake KEPT = new Keepsake(
            "the admin's password",
            "admin-password",
            "delete it to have a password made, or write one into it",
            18,
            Base64.getUrlEncoder()::encodeToString);

    /**
     * The one of the environment variable, else the one kept in the data directory, made now if there is none.
     *
     * @throws LaunchException if it can be neither read nor made
     */
    static AdminPassword of(Map<String, String> environment, Path data) {
        String given = environment.getOrDefault(VARIABLE, "");
        return given.isBlank()
                ? new AdminPassword(KEPT.in(data), "in " + data.resolve(KEPT.file()))
                : new AdminPassword(given, "in the environment variable " + VARIABLE);
    }

    @Override
    public String toString() {
        return "password " + origin;
    }
}
