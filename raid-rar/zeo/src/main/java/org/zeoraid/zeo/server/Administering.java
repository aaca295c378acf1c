package org.zeoraid.zeo.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackRequest.Garbage;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayAdministration;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.storage.admin.OperationStatus;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.Tuple;

/**
 * The methods that look after the array behind a storage, for every client, one that registered for reading too.
 *
 * <table>
 * <caption>What was there in gocept.zeoraid, and answers as it did</caption>
 * <tr><td>{@code raid_status()}</td><td>{@code optimal}, {@code recovering}, {@code degraded} or {@code failed}</td></tr>
 * <tr><td>{@code raid_details()}</td><td>a dictionary of members: {@code optimal}, {@code failed: REASON}, {@code
 *     recovering: PHASE transaction TID}, and {@code disabled: …}, {@code diverged: …}, {@code waiting: …}</td></tr>
 * <tr><td>{@code raid_disable(member)}, {@code raid_recover(member)}, {@code raid_reload()}</td><td>None</td></tr>
 * </table>
 *
 * <table>
 * <caption>What is new; names and values are those of the REST interface</caption>
 * <tr><td>{@code raid_register(storage)}</td><td>None; instead of {@code register}, for clients that only look after an
 *     array, which also works while it cannot serve</td></tr>
 * <tr><td>{@code raid_array()}</td><td>the whole status: {@code name}, {@code state}, {@code reason}, {@code readOnly},
 *     {@code lastTid}, {@code lastTime}, {@code generation}, {@code operation}, {@code members}</td></tr>
 * <tr><td>{@code raid_events(after, limit)}</td><td>a list of events: {@code number}, {@code time}, {@code severity},
 *     {@code member}, {@code kind}, {@code text}</td></tr>
 * <tr><td>{@code raid_rebuild(member)}, {@code raid_pause(member)}, {@code raid_resume(member)}, {@code
 *     raid_verify(member)}, {@code raid_throttle(member, bytes a second)}</td><td>None</td></tr>
 * <tr><td>{@code raid_pack(seconds since 1970, garbage)}</td><td>when done, {@code bytesBefore}, {@code bytesAfter},
 *     {@code recordsDropped}, {@code note}; garbage is {@code keep}, {@code collect} or None for what the server is configured for</td></tr>
 * <tr><td>{@code raid_assemble()}</td><td>None; by force</td></tr>
 * <tr><td>{@code raid_branches()}</td><td>a list of prepared branches: {@code xid}, {@code state}, {@code since}, {@code
 *     objects}, {@code bytes}, {@code node}</td></tr>
 * <tr><td>{@code raid_commit_branch(xid)}, {@code raid_rollback_branch(xid)}, {@code raid_forget_branch(xid)}</td><td>None</td></tr>
 * </table>
 *
 * <p>What is refused is an error {@value #ERROR} with two arguments: {@code unknown}, {@code wrong_state}, {@code
 * invalid} or {@code forbidden}, and a sentence. Those that change something are forbidden from other machines unless
 * the listener lets them.
 */
final class Administering {

    static final String REGISTER = "raid_register";
    static final String ERROR = "zeoraid.AdministrationError";

    private static final int MOST_EVENTS = 10_000;
    private static final Set<String> OTHERS_FOR_ADMINS = Set.of("ping", "server_status", "set_client_label");

    /** What is done to a member, or the array. */
    @FunctionalInterface
    private interface Change {
        CompletionStage<Void> apply(ArrayAdministration array, Arguments arguments);
    }

    private Administering() {}

    static boolean isForAdmins(String method) {
        return method.startsWith("raid_") || OTHERS_FOR_ADMINS.contains(method);
    }

    static void register(Method.Registry methods) {
        look(methods, "raid_status", (array, a) -> array.status().state().word());
        look(methods, "raid_details", (array, a) -> details(array.status()));
        look(methods, "raid_array", (array, a) -> array(array.status()));
        look(methods, "raid_events", (array, a) -> events(array, a));
        change(methods, "raid_disable", (array, a) -> array.disable(a.text(0)));
        change(methods, "raid_recover", (array, a) -> array.recover(a.text(0)));
        change(methods, "raid_reload", (array, a) -> array.reload());
        change(methods, "raid_rebuild", (array, a) -> array.rebuild(a.text(0)));
        change(methods, "raid_pause", (array, a) -> array.pause(a.text(0)));
        change(methods, "raid_resume", (array, a) -> array.resume(a.text(0)));
        change(methods, "raid_throttle", (array, a) -> array.throttle(a.text(0), a.number(1)));
        change(methods, "raid_verify", (array, a) -> array.verify(a.text(0)));
        change(methods, "raid_assemble", (array, a) -> array.assembleByForce());
        look(methods, "raid_branches", (array, a) -> list(array.preparedBranches(), Administering::branch));
        change(methods, "raid_commit_branch", (array, a) -> array.commitBranch(branch(a)));
        change(methods, "raid_rollback_branch", (array, a) -> array.rollbackBranch(branch(a)));
        change(methods, "raid_forget_branch", (array, a) -> array.forgetBranch(branch(a)));
        methods.add("raid_pack", (s, r, a) -> {
            ArrayAdministration array = changeable(s);
            PackRequest request = new PackRequest(
                    Reading.moment(a.real(0)), garbage(a, s.options().packGarbage()));
            s.answer(r, s.server().onWorker(() -> array.pack(request)).thenApply(Administering::packed));
        });
    }

    private static void look(
            Method.Registry methods, String name, BiFunction<ArrayAdministration, Arguments, Object> look) {
        methods.add(name, (s, r, a) -> s.reply(r, look.apply(array(s), a)));
    }

    private static void change(Method.Registry methods, String name, Change change) {
        methods.add(name, (s, r, a) -> {
            ArrayAdministration array = changeable(s);
            Connection.LOG.log(
                    System.Logger.Level.INFO,
                    () -> s.connection().label() + " asks for " + asked(r, a) + " of array " + array.name());
            // Some of them read files.
            s.answer(r, s.server().onWorker(() -> change.apply(array, a)).thenApply(done -> null));
        });
    }

    private static String asked(Message request, Arguments arguments) {
        return request.method().substring("raid_".length())
                + (arguments.count() > 0 ? " " + Connection.printable(String.valueOf(arguments.text(0))) : "");
    }

    private static ArrayAdministration array(Session session) {
        return session.served()
                .administration()
                .orElseThrow(() -> refused(
                        "unknown",
                        "there is no array behind " + session.storage().name()));
    }

    private static ArrayAdministration changeable(Session session) {
        ArrayAdministration array = array(session);
        Connection connection = session.connection();
        if (!connection.isLocal() && connection.listener().administration() != Listener.Administration.EVERYWHERE) {
            throw refused(
                    "forbidden",
                    "the array can be changed from the server's own machine only, unless its listener is configured"
                            + " otherwise");
        }
        return array;
    }

    static PythonException refused(String refusal, String message) {
        return new PythonException(ERROR, message, Tuple.of(refusal, message));
    }

    private static Garbage garbage(Arguments arguments, Garbage otherwise) {
        if (arguments.count() < 2 || arguments.value(1) == null) {
            return otherwise;
        }
        return switch (arguments.text(1)) {
            case "keep" -> Garbage.KEEP;
            case "collect" -> Garbage.COLLECT;
            default -> throw refused("invalid", "garbage is to keep or to collect");
        };
    }

    private static Map<Object, @Nullable Object> details(ArrayStatus array) {
        Map<Object, @Nullable Object> details = new LinkedHashMap<>();
        array.members().forEach(member -> details.put(member.name(), detail(member)));
        return details;
    }

    private static String detail(MemberStatus member) {
        return switch (member.state()) {
            case OPTIMAL -> MemberState.OPTIMAL.word();
            case RECOVERING ->
                "recovering: " + member.operation().map(OperationStatus::phase).orElse("") + " transaction "
                        + member.lastTid();
            case DEGRADED -> "failed: " + member.reason();
            case DISABLED, DIVERGED, WAITING -> member.state().word() + ": " + member.reason();
        };
    }

    private static Map<Object, @Nullable Object> array(ArrayStatus array) {
        Map<Object, @Nullable Object> row = new LinkedHashMap<>();
        row.put("name", array.name());
        row.put("state", array.state().word());
        row.put("reason", array.reason());
        row.put("readOnly", array.readOnly());
        tid(row, array.lastTid());
        row.put("generation", array.generation());
        row.put("operation", operation(array.operation()));
        row.put("members", list(array.members(), Administering::member));
        return row;
    }

    private static Map<Object, @Nullable Object> member(MemberStatus member) {
        Map<Object, @Nullable Object> row = new LinkedHashMap<>();
        row.put("name", member.name());
        row.put("kind", member.kind());
        row.put("location", member.location());
        row.put("state", member.state().word());
        row.put("reason", member.reason());
        row.put("since", member.since().toString());
        tid(row, member.lastTid());
        row.put("operation", operation(member.operation()));
        return row;
    }

    private static void tid(Map<Object, @Nullable Object> row, Tid tid) {
        row.put("lastTid", tid.toString());
        row.put("lastTime", tid.equals(Tid.NONE) ? null : tid.instant().toString());
    }

    private static @Nullable Object operation(Optional<OperationStatus> running) {
        if (running.isEmpty()) {
            return null;
        }
        OperationStatus operation = running.get();
        Map<Object, @Nullable Object> row = new LinkedHashMap<>();
        row.put("kind", operation.kind());
        row.put("phase", operation.phase());
        row.put("done", operation.done());
        row.put("total", operation.total());
        row.put("unit", operation.unit());
        row.put("rate", Double.isFinite(operation.rate()) ? Math.round(operation.rate() * 10) / 10.0 : 0.0);
        row.put(
                "secondsLeft",
                operation.timeLeft().map(left -> (Object) left.toSeconds()).orElse(null));
        row.put("paused", operation.paused());
        row.put("limit", operation.limit().map(limit -> (Object) limit).orElse(null));
        return row;
    }

    private static List<Object> events(ArrayAdministration array, Arguments arguments) {
        long after = arguments.count() > 0 ? arguments.number(0) : 0;
        long limit = arguments.count() > 1 ? arguments.number(1) : 100;
        return list(array.events(after, (int) Math.max(0, Math.min(limit, MOST_EVENTS))), Administering::event);
    }

    private static Map<Object, @Nullable Object> event(ArrayEvent event) {
        Map<Object, @Nullable Object> row = new LinkedHashMap<>();
        row.put("number", event.number());
        row.put("time", event.time().toString());
        row.put("severity", event.severity().name().toLowerCase(Locale.ROOT));
        row.put("member", event.member().isBlank() ? null : event.member());
        row.put("kind", event.kind());
        row.put("text", event.text());
        return row;
    }

    private static BranchId branch(Arguments arguments) {
        String xid = arguments.text(0);
        try {
            return BranchId.parse(xid);
        } catch (IllegalArgumentException e) {
            throw refused(
                    "invalid",
                    "not the name of a transaction branch, FORMAT:TRANSACTION:BRANCH in hexadecimal digits: '" + xid
                            + "'");
        }
    }

    private static Map<Object, @Nullable Object> branch(PreparedBranch branch) {
        Map<Object, @Nullable Object> row = new LinkedHashMap<>();
        row.put("xid", branch.id().toString());
        row.put("state", branch.state().word());
        row.put("since", branch.since().toString());
        row.put("objects", (long) branch.objects());
        row.put("bytes", branch.bytes());
        row.put("node", branch.id().words());
        return row;
    }

    private static <T> List<Object> list(List<T> elements, Function<T, Object> shown) {
        List<Object> rows = new ArrayList<>();
        elements.forEach(element -> rows.add(shown.apply(element)));
        return rows;
    }

    private static Map<Object, @Nullable Object> packed(PackResult result) {
        Map<Object, @Nullable Object> row = new LinkedHashMap<>();
        row.put("bytesBefore", result.bytesBefore());
        row.put("bytesAfter", result.bytesAfter());
        row.put("recordsDropped", result.recordsDropped());
        row.put("note", result.note());
        return row;
    }
}
