package org.zeoraid.adapter;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.config.member.MemberDefinition;
import org.zeoraid.config.member.MemberKind;
import org.zeoraid.config.schema.Section;
import org.zeoraid.config.schema.SectionType;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.memory.MemoryMember;

/** A member in memory that does not tell its last transaction while it is stuck; one that is called broken cannot be made. */
public final class StuckStorage implements MemberKind {
    private static final SectionType SECTION = SectionType.of("stuckstorage", List.of());
    private static volatile CompletableFuture<Void> answering = CompletableFuture.completedFuture(null);

    static void stick() {
        answering = new CompletableFuture<>();
    }

    static void release() {
        answering.complete(null);
    }

    @Override
    public SectionType section() {
        return SECTION;
    }

    @Override
    public MemberDefinition define(String name, Section section) {
        return new MemberDefinition(
                name,
                SECTION.type(),
                section.position(),
                List.of(),
                MemberDefinition.Access.READ_WRITE,
                (environment, cache) -> {
                    if (name.equals("broken")) {
                        throw new NoClassDefFoundError("a jar is missing");
                    }
                    return new Stuck(MemoryMember.named(name));
                });
    }

    private record Stuck(MemberSource memory) implements MemberSource {
        @Override
        public String name() {
            return memory.name();
        }

        @Override
        public String kind() {
            return SECTION.type();
        }

        @Override
        public String location() {
            return memory.location();
        }

        @Override
        public Optional<Path> folder() {
            return Optional.empty();
        }

        @Override
        public boolean isWriteMostly() {
            return false;
        }

        @Override
        public CompletionStage<TransactionLog> open() {
            return memory.open().thenApply(Stuck::sticking);
        }

        private static TransactionLog sticking(TransactionLog real) {
            return (TransactionLog) Proxy.newProxyInstance(
                    Stuck.class.getClassLoader(), new Class<?>[] {TransactionLog.class}, (proxy, method, arguments) -> {
                        try {
                            Object answer = method.invoke(real, arguments);
                            return method.getName().equals("lastTid")
                                    ? answering.thenCompose(nothing -> (CompletionStage<?>) answer)
                                    : answer;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }
    }
}
