package org.zeoraid.test.halting;

import static net.bytebuddy.matcher.ElementMatchers.isPublic;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.namedOneOf;

import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * Has a server pass the points: before and after {@code prepare} and {@code commit} of each resource, {@code decision} and {@code
 * forgetting} of the server's log of transactions, and {@code sync} of an array's files.
 */
public final class HaltingAgent {
    private HaltingAgent() {}

    public static void premain(String folder, Instrumentation instrumentation) {
        System.setProperty(HaltingPoints.FOLDER, folder);
        new AgentBuilder.Default()
                .disableClassFormatChanges()
                .type(namedOneOf("org.zeoraid.adapter.XaSession", "org.postgresql.xa.PGXAConnection"))
                .transform((type, description, loader, module, domain) -> type.visit(Advice.to(Calls.class)
                        .on(namedOneOf("prepare", "commit").and(isPublic()))))
                .type(named("com.sun.jts.CosTransactions.CoordinatorLog"))
                .transform((type, description, loader, module, domain) ->
                        type.visit(Advice.to(Writes.class).on(named("write"))))
                .type(named("org.zeoraid.storage.seam.SystemFile"))
                .transform((type, description, loader, module, domain) ->
                        type.visit(Advice.to(Syncs.class).on(named("sync"))))
                .installOn(instrumentation);
    }

    /** Around the calls of a resource. */
    static final class Calls {
        private Calls() {}

        @Advice.OnMethodEnter
        static void before(@Advice.This Object resource, @Advice.Origin("#m") String call) {
            HaltingPoints.pass("before", call, resource);
        }

        @Advice.OnMethodExit
        static void after(@Advice.This Object resource, @Advice.Origin("#m") String call) {
            HaltingPoints.pass("after", call, resource);
        }
    }

    /** Around a write to the log of transactions: what is forced is a decision, what is not says that it is over. */
    static final class Writes {
        private Writes() {}

        @Advice.OnMethodEnter
        static void before(@Advice.Argument(0) boolean isForced) {
            HaltingPoints.pass("before", isForced ? "decision" : "forgetting");
        }

        @Advice.OnMethodExit
        static void after(@Advice.Argument(0) boolean isForced) {
            HaltingPoints.pass("after", isForced ? "decision" : "forgetting");
        }
    }

    /** Around what puts a file on stable storage. */
    static final class Syncs {
        private Syncs() {}

        @Advice.OnMethodEnter
        static void before(@Advice.FieldValue("path") @Nullable Path file) throws IOException {
            HaltingPoints.passSync("before", file);
        }

        @Advice.OnMethodExit
        static void after(@Advice.FieldValue("path") @Nullable Path file) throws IOException {
            HaltingPoints.passSync("after", file);
        }
    }
}
