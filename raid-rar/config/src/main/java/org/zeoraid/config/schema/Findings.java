package org.zeoraid.config.schema;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.config.syntax.Position;
import org.zeoraid.config.syntax.Problem;

/**
 * What is found while a configuration is read: problems, which refuse it, and notices, which do not. All of them are
 * collected, so that an admin sees them at once. Used by one thread.
 */
public final class Findings {

    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> notices = new ArrayList<>();

    /** Refuses the configuration, when everything has been read. */
    public void problem(Position position, String text) {
        problems.add(new Problem(position, text));
    }

    /** Tells of something that is accepted and has no effect, or not the effect that one could expect. */
    public void notice(Position position, String text) {
        notices.add(new Problem(position, text));
    }

    /** In the order in which they were found. */
    public List<Problem> notices() {
        return List.copyOf(notices);
    }

    public boolean hasProblems() {
        return !problems.isEmpty();
    }

    /** @throws ConfigurationException with all problems in the order of the lines, if there is any */
    public void refuseProblems() {
        if (hasProblems()) {
            throw new ConfigurationException(problems.stream()
                    .distinct()
                    .sorted(Comparator.comparing(
                                    (Problem problem) -> problem.position().file())
                            .thenComparing(problem -> problem.position().line()))
                    .toList());
        }
    }
}
