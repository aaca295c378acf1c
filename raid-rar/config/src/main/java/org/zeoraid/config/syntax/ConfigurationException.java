package org.zeoraid.config.syntax;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used. The message has one line for each problem, each with its file and line. */
public final class ConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    /** @param problems at least one */
    public ConfigurationException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public ConfigurationException(Position position, String text) {
        this(List.of(new Problem(position, text)));
    }

    public ConfigurationException(Position position, String text, Throwable cause) {
        this(position, text);
        initCause(cause);
    }

    /** What is wrong, in the order of the file. */
    public List<Problem> problems() {
        return problems;
    }
}
