package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.AdministrationException.Refusal;
import org.zeoraid.storage.admin.ArrayAdministration;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.storage.admin.OperationStatus;
import org.zeoraid.zeo.server.Listener.Administration;
import org.zeoraid.zeo.server.ServerOptions.Encoding;

class AdministeringTest {

    private static final Instant SINCE = Instant.parse("2026-11-22T08:17:00Z");

    @TempDir
    Path folder;

    private final List<String> asked = new ArrayList<>();
    private Served served;

    @BeforeEach
    void serve() {
        served = new Served(folder, options -> options, storage -> Offering.of(storage, new FakeArray()));
    }

    @AfterEach
    void stop() {
        served.close();
    }

    @Test
    void theOldControllersCallsAnswerAsTheyDidOnAConnectionThatOnlyReads() throws IOException {
        try (Peer peer = Peer.connect(served.address, 'M').shakeHands()) {
            peer.call("register", "1", true);

            assertThat(peer.call("raid_status")).isEqualTo("recovering");
            assertThat(peer.call("raid_details"))
                    .isEqualTo(Map.of(
                            "a", "optimal",
                            "b", "recovering: copies transaction 03f0000000000000",
                            "c", "failed: it hangs",
                            "d", "disabled: by an admin"));
            assertThat(peer.call("raid_disable", "b")).isNull();
            assertThat(peer.call("raid_recover", "c")).isNull();
            assertThat(peer.call("raid_reload")).isNull();
            assertThat(asked).containsExactly("disable b", "recover c", "reload");
        }
    }

    @ParameterizedTest
    @EnumSource
    void theWholeStatusIsPlainValuesInBothEncodings(Encoding encoding) throws IOException {
        served.close();
        served = new Served(
                folder, options -> options.encoding(encoding), storage -> Offering.of(storage, new FakeArray()));
        char letter = encoding.letter();
        try (Peer peer = Peer.connect(served.address, letter).shakeHands()) {
            peer.call("raid_register", "1");

            Map<?, ?> array = (Map<?, ?>) peer.call("raid_array");

            assertThat(array.get("state")).isEqualTo("recovering");
            assertThat(array.get("operation")).isNull();
            Map<?, ?> member = (Map<?, ?>) ((List<?>) array.get("members")).get(1);
            assertThat(member.get("name")).isEqualTo("b");
            assertThat(member.get("since")).isEqualTo("2026-11-22T08:17:00Z");
            Map<?, ?> operation = (Map<?, ?>) member.get("operation");
            assertThat(operation.get("done")).isEqualTo(70_000_000_000L);
            assertThat(operation.get("rate")).isEqualTo(1.5);
            assertThat(operation.get("secondsLeft")).isEqualTo(90L);
            assertThat(operation.get("limit")).isNull();
            Map<?, ?> event = (Map<?, ?>) ((List<?>) peer.call("raid_events", 3L, 10L)).get(0);
            assertThat(event.get("number")).isEqualTo(4L);
            assertThat(event.get("severity")).isEqualTo("warning");
            assertThat(event.get("member")).isNull();
        }
    }

    @Test
    void everyActionHasItsCall() throws IOException {
        try (Peer peer = Peer.registered(served.address)) {
            for (String action : List.of("rebuild", "pause", "resume", "verify")) {
                peer.call("raid_" + action, "b");
            }
            peer.call("raid_throttle", "b", 1_000_000L);
            peer.call("raid_assemble");
            Map<?, ?> packed = (Map<?, ?>) peer.call("raid_pack", 1e9, "keep");

            assertThat(asked)
                    .containsExactly(
                            "rebuild b",
                            "pause b",
                            "resume b",
                            "verify b",
                            "throttle b 1000000",
                            "assemble",
                            "pack KEEP");
            assertThat(packed.get("bytesAfter")).isEqualTo(50L);
        }
    }

    @Test
    void aRefusalSaysWhy() throws IOException {
        try (Peer peer = Peer.registered(served.address)) {
            assertThat(peer.error("raid_disable", "x").toString())
                    .contains("zeoraid.AdministrationError", "unknown", "no member x");
            assertThat(peer.error("raid_pack", 1e9, "burn").toString()).contains("invalid");
        }
    }

    @Test
    void whoOnlyLooksAfterTheArrayReadsNoData() throws IOException {
        try (Peer peer = Peer.connect(served.address, 'M').shakeHands()) {
            peer.call("raid_register", "1");
            peer.request("loadBefore", new byte[8], new byte[8]);

            assertThat(peer.isDisconnected()).isTrue();
        }
    }

    @Test
    void aStorageWithoutAnArrayRefuses() throws IOException {
        served.close();
        served = new Served(folder, options -> options);
        try (Peer peer = Peer.registered(served.address)) {
            assertThat(peer.error("raid_status").toString()).contains("unknown", "no array");
        }
    }

    @Test
    void fromOtherMachinesTheArrayIsChangedOnlyWhereTheListenerLetsThem() throws IOException {
        InetAddress outside = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .findAny()
                .orElse(null);
        assumeThat(outside).isNotNull();
        SocketAddress guarded =
                served.server.listen(new Listener(new InetSocketAddress(outside, 0), Administration.LOCAL));
        SocketAddress open =
                served.server.listen(new Listener(new InetSocketAddress(outside, 0), Administration.EVERYWHERE));

        try (Peer peer = Peer.registered(guarded);
                Peer trusted = Peer.registered(open)) {
            assertThat(peer.call("raid_status")).isEqualTo("recovering");
            assertThat(peer.error("raid_disable", "b").toString()).contains("forbidden");
            assertThat(asked).isEmpty();

            trusted.call("raid_disable", "b");
            assertThat(asked).containsExactly("disable b");
        }
    }

    /** Four members in different states, which notes what it is asked for. */
    private final class FakeArray implements ArrayAdministration {

        @Override
        public String name() {
            return "1";
        }

        @Override
        public ArrayStatus status() {
            OperationStatus copying = new OperationStatus(
                    "recover",
                    "copies",
                    70_000_000_000L,
                    0,
                    "bytes",
                    1.49,
                    Optional.of(Duration.ofSeconds(90)),
                    false,
                    Optional.empty());
            return new ArrayStatus(
                    "1",
                    ArrayState.RECOVERING,
                    "b is copied",
                    Tid.NONE,
                    3,
                    false,
                    Optional.empty(),
                    List.of(
                            member("a", MemberState.OPTIMAL, "", Optional.empty()),
                            member("b", MemberState.RECOVERING, "", Optional.of(copying)),
                            member("c", MemberState.DEGRADED, "it hangs", Optional.empty()),
                            member("d", MemberState.DISABLED, "by an admin", Optional.empty())));
        }

        private MemberStatus member(
                String name, MemberState state, String reason, Optional<OperationStatus> operation) {
            return new MemberStatus(
                    name, "memory", "here", state, reason, SINCE, Tid.parse("03f0000000000000"), operation);
        }

        @Override
        public List<ArrayEvent> events(long after, int limit) {
            return List.of(new ArrayEvent(after + 1, SINCE, ArrayEvent.Severity.WARNING, "", "kind", "a text"));
        }

        private CompletionStage<Void> note(String what) {
            if (what.endsWith(" x")) {
                return CompletableFuture.failedFuture(
                        new AdministrationException(Refusal.UNKNOWN, "there is no member x"));
            }
            asked.add(what);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> disable(String member) {
            return note("disable " + member);
        }

        @Override
        public CompletionStage<Void> recover(String member) {
            return note("recover " + member);
        }

        @Override
        public CompletionStage<Void> rebuild(String member) {
            return note("rebuild " + member);
        }

        @Override
        public CompletionStage<Void> pause(String member) {
            return note("pause " + member);
        }

        @Override
        public CompletionStage<Void> resume(String member) {
            return note("resume " + member);
        }

        @Override
        public CompletionStage<Void> throttle(String member, long bytesPerSecond) {
            return note("throttle " + member + " " + bytesPerSecond);
        }

        @Override
        public CompletionStage<Void> verify(String member) {
            return note("verify " + member);
        }

        @Override
        public CompletionStage<Void> reload() {
            return note("reload");
        }

        @Override
        public CompletionStage<PackResult> pack(PackRequest request) {
            return note("pack " + request.garbage()).thenApply(done -> new PackResult(100, 50, 3, ""));
        }

        @Override
        public CompletionStage<Void> assembleByForce() {
            return note("assemble");
        }
    }
}
