package org.zeoraid.config.syntax;

/**
 * A key with its value.
 *
 * @param key in lower case: keys do not tell upper from lower case
 * @param value with all definitions filled in; empty if there was none
 */
public record Entry(String key, String value, Position position) {}
