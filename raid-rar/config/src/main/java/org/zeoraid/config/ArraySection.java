package org.zeoraid.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.zeoraid.array.ArrayOptions;
import org.zeoraid.array.FailMode;
import org.zeoraid.config.member.MemberKind;
import org.zeoraid.config.member.MemberKinds;
import org.zeoraid.config.schema.Key;
import org.zeoraid.config.schema.Section;
import org.zeoraid.config.schema.SectionType;
import org.zeoraid.config.schema.ValueType;
import org.zeoraid.config.schema.Values;

/** The keys of {@code <raidstorage>}: those of gocept.zeoraid, and ours. */
final class ArraySection {

    static final String TYPE = "raidstorage";

    /** How servers and arrays relate. */
    enum ClusterMode {
        SINGLE,
        COOP
    }

    static final Key<ClusterMode> CLUSTER_MODE =
            Key.withDefault("cluster-mode", Values.word(ClusterMode.class), ClusterMode.SINGLE);
    static final Key<FailMode> FAIL_MODE = Key.withDefault("fail-mode", Values.word(FailMode.class), FailMode.CLOSE);
    static final Key<Boolean> READ_ONLY = Key.withDefault("read-only", Values.SWITCH, false);
    static final Key<Path> BLOB_DIR = Key.optional("blob-dir", Values.PATH);
    static final Key<Boolean> SHARED_BLOB_DIR = Key.withDefault("shared-blob-dir", Values.SWITCH, false);
    static final Key<Path> STATE_DIR = Key.optional("state-dir", Values.PATH);

    private static final ArrayOptions PATIENCE = ArrayOptions.DEFAULT;
    private static final ValueType<Duration> PAUSE = Values.time(Duration.ofMillis(1), Duration.ofDays(1));
    /** Shorter ones would keep a processor busy with looking at the clock. */
    private static final ValueType<Duration> DEADLINE = Values.time(Duration.ofMillis(10), Duration.ofDays(1));

    static final Key<Duration> ANSWER_DEADLINE =
            Key.withDefault("answer-deadline", DEADLINE, PATIENCE.answerDeadline());
    static final Key<Duration> APPEND_DEADLINE =
            Key.withDefault("append-deadline", DEADLINE, PATIENCE.appendDeadline());
    static final Key<Duration> OPEN_DEADLINE = Key.withDefault("open-deadline", DEADLINE, PATIENCE.openDeadline());
    static final Key<Duration> SUPERBLOCK_DEADLINE =
            Key.withDefault("superblock-deadline", DEADLINE, PATIENCE.superblockDeadline());
    static final Key<Duration> BLOB_DEADLINE = Key.withDefault("blob-deadline", DEADLINE, PATIENCE.blobDeadline());
    static final Key<Duration> HEDGE_DELAY = Key.withDefault("hedge-delay", PAUSE, PATIENCE.hedgeDelay());
    static final Key<Duration> ASSEMBLY_WAIT = Key.withDefault("assembly-wait", PAUSE, PATIENCE.assemblyWait());
    static final Key<Duration> RETRY_PAUSE = Key.withDefault("retry-pause", PAUSE, PATIENCE.retryPause());
    static final Key<Duration> SUPERBLOCK_INTERVAL =
            Key.withDefault("superblock-interval", PAUSE, PATIENCE.noteInterval());

    private static final List<Key<?>> KEYS = List.of(
            CLUSTER_MODE,
            FAIL_MODE,
            READ_ONLY,
            BLOB_DIR,
            SHARED_BLOB_DIR,
            STATE_DIR,
            ANSWER_DEADLINE,
            APPEND_DEADLINE,
            OPEN_DEADLINE,
            SUPERBLOCK_DEADLINE,
            BLOB_DEADLINE,
            HEDGE_DELAY,
            ASSEMBLY_WAIT,
            RETRY_PAUSE,
            SUPERBLOCK_INTERVAL);

    private ArraySection() {}

    /** {@code <raidstorage>} with these kinds of members in it. */
    static SectionType type(MemberKinds kinds) {
        return SectionType.of(
                TYPE, KEYS, kinds.all().stream().map(MemberKind::section).toList());
    }

    /** A whole file: arrays, and what other servers have in theirs. */
    static SectionType root(MemberKinds kinds) {
        List<SectionType> sections = new ArrayList<>(List.of(
                type(kinds),
                ServerSection.TYPE,
                SectionType.meaningless("eventlog", "messages go to the log of the process that runs the array"),
                SectionType.meaningless("logger", "messages go to the log of the process that runs the array"),
                SectionType.meaningless(
                        "runner", "nothing here runs Python's daemons; use the system's service manager")));
        Stream.concat(kinds.all().stream().map(kind -> kind.section().type()), Stream.of("blobstorage"))
                .distinct()
                .map(type -> SectionType.misplaced(
                        type, "a storage is served as the member of an array: expected it inside <" + TYPE + " NAME>"))
                .forEach(sections::add);
        return SectionType.of("", List.of(), sections);
    }

    static ArrayOptions options(Section section) {
        return new ArrayOptions(
                section.value(ANSWER_DEADLINE),
                section.value(APPEND_DEADLINE),
                section.value(OPEN_DEADLINE),
                section.value(SUPERBLOCK_DEADLINE),
                section.value(BLOB_DEADLINE),
                section.value(HEDGE_DELAY),
                section.value(ASSEMBLY_WAIT),
                section.value(RETRY_PAUSE),
                section.value(SUPERBLOCK_INTERVAL));
    }
}
