package org.zeoraid.web.page;

import java.io.Serializable;

/**
 * What became of something that was asked for.
 *
 * @param isGood whether it was done
 */
public record Notice(String text, boolean isGood) implements Serializable {}
