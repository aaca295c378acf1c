package org.zeoraid.raidctl;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.raidctl.admin.ArrayCommands;
import org.zeoraid.raidctl.admin.BranchCommand;
import org.zeoraid.raidctl.admin.BranchesCommand;
import org.zeoraid.raidctl.admin.DetailsCommand;
import org.zeoraid.raidctl.admin.EventsCommand;
import org.zeoraid.raidctl.admin.MemberCommands;
import org.zeoraid.raidctl.admin.StatusCommand;
import org.zeoraid.raidctl.admin.WatchCommand;
import org.zeoraid.raidctl.copy.CopyCommand;
import org.zeoraid.raidctl.copy.ImportCommand;
import org.zeoraid.raidctl.serve.ServeCommand;
import org.zeoraid.storage.StorageException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command {@code raidctl}. */
@Command(
        name = "raidctl",
        description = "Looks after arrays of object storages, and serves them to ZEO clients.",
        versionProvider = Raidctl.Version.class,
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit codes of status, details, watch and verify, as Nagios wants them:",
            "  0  optimal, sound",
            "  1  recovering",
            "  2  degraded, failed, damaged or unreachable",
            "  3  unknown: not understood, no such array or file",
            "Of all other commands: 0  done, 1  refused or failed, 2  not understood.",
            "",
            "'raidctl COMMAND --help' explains a command. Examples:",
            "  raidctl serve -C /etc/raid/zeo.conf",
            "  raidctl status -p 8100 -S main",
            "  raidctl recover -p 8100 -S main b --wait",
            "  raidctl import -C zeo.conf -S main old/Data.fs"
        })
public final class Raidctl implements Runnable {

    /** A command, described when it is needed. */
    private record Verb(String name, Supplier<Object> command) {}

    private static final List<Verb> VERBS = List.of(
            new Verb("status", StatusCommand::new),
            new Verb("details", DetailsCommand::new),
            new Verb("watch", WatchCommand::new),
            new Verb("events", EventsCommand::new),
            method("recover", MemberCommands.class),
            method("disable", MemberCommands.class),
            method("rebuild", MemberCommands.class),
            method("pause", MemberCommands.class),
            method("resume", MemberCommands.class),
            method("throttle", MemberCommands.class),
            method("scrub", MemberCommands.class),
            method("pack", ArrayCommands.class),
            method("reload", ArrayCommands.class),
            method("assemble", ArrayCommands.class),
            new Verb("branches", BranchesCommand::new),
            new Verb("branch", BranchCommand::new),
            new Verb("serve", ServeCommand::new),
            new Verb("verify", VerifyCommand::new),
            new Verb("import", ImportCommand::new),
            new Verb("copy", CopyCommand::new),
            new Verb("help", HelpCommand::new));

    private static final String OUT_OF_MEMORY = "not enough memory: give Java a larger heap, such as java -Xmx2g -jar"
            + " raidctl.jar; each file that is open takes up to 32 bytes for each of its objects";

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        Logs.install();
        if (arguments.length > 0 && arguments[0].equals("serve")) {
            ServeCommand.loadAhead();
        }
        Charset terminal = Charset.defaultCharset();
        System.exit(run(
                new PrintWriter(System.out, true, terminal), new PrintWriter(System.err, true, terminal), arguments));
    }

    /** Runs a command; what it answers with is its exit code. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine line = new CommandLine(new Raidctl());
        // Describing all commands takes longer than most of them do, so it is done where they are listed.
        List<Verb> wanted = VERBS.stream()
                .filter(verb -> arguments.length > 0 && verb.name().equals(arguments[0]))
                .toList();
        for (Verb verb : wanted.isEmpty() ? VERBS : wanted) {
            line.addSubcommand(verb.name(), verb.command().get());
        }
        line.setOut(out);
        line.setErr(err);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpAutoWidth(true);
        line.setParameterExceptionHandler(Raidctl::notUnderstood);
        line.setExecutionExceptionHandler(Raidctl::failed);
        line.setExecutionStrategy(parsed -> {
            Logs.quiet(common(parsed).map(Common::logLevel).orElse(Level.WARNING));
            return new CommandLine.RunLast().execute(parsed);
        });
        return line.execute(arguments);
    }

    private static Verb method(String name, Class<?> owner) {
        return new Verb(name, () -> CommandLine.getCommandMethods(owner, name).get(0));
    }

    private static Optional<Common> common(ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        return last.commandSpec().mixins().values().stream()
                .map(CommandLine.Model.CommandSpec::userObject)
                .filter(Common.class::isInstance)
                .map(Common.class::cast)
                .findFirst();
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    private static int notUnderstood(ParameterException problem, String[] arguments) {
        CommandLine command = problem.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().println("raidctl: " + oneLine(problem.getMessage()) + "; see " + name + " --help");
        return isCheck(command) ? Exit.UNKNOWN : Exit.WRONG_USE;
    }

    static int failed(Exception failure, CommandLine command, ParseResult parsed) {
        boolean check = isCheck(command);
        if (failure instanceof Refusal refusal) {
            boolean json = common(parsed).map(Common::json).orElse(false);
            tell(command, json, refusal.kind().name().toLowerCase(Locale.ROOT), refusal.getMessage());
            return switch (refusal.kind()) {
                case WRONG_USE -> check ? Exit.UNKNOWN : Exit.WRONG_USE;
                case UNREACHABLE -> check ? Exit.CRITICAL : Exit.FAILED;
                case FAILED -> check ? Exit.UNKNOWN : Exit.FAILED;
            };
        }
        boolean json = common(parsed).map(Common::json).orElse(false);
        if (failure instanceof ConfigurationException) {
            // One line for each problem, each with its file and line.
            tell(command, json, "configuration", failure.getMessage());
            return check ? Exit.UNKNOWN : Exit.WRONG_USE;
        }
        if (failure instanceof StorageException storage) {
            tell(command, json, storage.code(), storage.getMessage());
            return check ? Exit.UNKNOWN : Exit.FAILED;
        }
        if (isOutOfMemory(failure)) {
            tell(command, json, "memory", OUT_OF_MEMORY);
            return check ? Exit.UNKNOWN : Exit.FAILED;
        }
        tell(command, json, "internal", "an error of the program: " + failure);
        failure.printStackTrace(command.getErr());
        return check ? Exit.UNKNOWN : Exit.FAILED;
    }

    private static boolean isOutOfMemory(@Nullable Throwable failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof OutOfMemoryError)) {
            cause = cause.getCause();
        }
        return cause != null;
    }

    private static void tell(CommandLine command, boolean json, String code, @Nullable String text) {
        if (json) {
            Map<String, Object> error = new LinkedHashMap<>();
            error.put("error", code);
            error.put("message", String.valueOf(text));
            command.getOut().println(Json.of(error));
        }
        command.getErr().println("raidctl: " + text);
    }

    private static boolean isCheck(CommandLine command) {
        return command.getCommandSpec().userObject() instanceof Check;
    }

    private static String oneLine(@Nullable String text) {
        return String.valueOf(text).replaceAll("\\s*\\R\\s*", " ");
    }

    /** The version of the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Raidctl.class.getPackage().getImplementationVersion();
            return new String[] {"raidctl " + (version == null ? "(not from a jar)" : version)};
        }
    }
}
