package org.zeoraid.config.syntax;

/**
 * A line of a configuration file, written as {@code file:line}.
 *
 * @param file the file's name as an admin would type it
 * @param line counts from 1; 0 stands for the file as a whole
 */
public record Position(String file, int line) {

    @Override
    public String toString() {
        return line == 0 ? file : file + ":" + line;
    }
}
