package org.zeoraid.raidctl;

import java.io.PrintWriter;
import java.util.logging.Level;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command has. */
public final class Common {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(names = "--json", description = "Answer in JSON.")
    private boolean json;

    @Option(
            names = {"-v", "--verbose"},
            description = "Tell more on the standard error.")
    private boolean verbose;

    public boolean json() {
        return json;
    }

    public PrintWriter out() {
        return command.commandLine().getOut();
    }

    public PrintWriter err() {
        return command.commandLine().getErr();
    }

    Level logLevel() {
        return verbose ? Level.INFO : Level.WARNING;
    }
}
