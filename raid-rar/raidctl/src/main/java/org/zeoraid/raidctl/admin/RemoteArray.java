package org.zeoraid.raidctl.admin;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.zeoraid.raidctl.Refusal;
import org.zeoraid.raidctl.call.Caller;
import org.zeoraid.raidctl.call.ServerOption;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;

/** An array that a server serves, as its admin sees it. One thread at a time; each call waits for its answer. */
final class RemoteArray implements AutoCloseable {

    private final ServerOption server;
    private Caller caller;
    private String name = "";

    private RemoteArray(ServerOption server) {
        this.server = server;
        this.caller = server.connect();
    }

    static RemoteArray connect(ServerOption server) {
        return new RemoteArray(server);
    }

    /** The array's own name: clients may ask for a server's only array under another one. */
    String name() {
        if (name.isEmpty()) {
            name = status().name();
        }
        return name;
    }

    ArrayStatus status() {
        ArrayStatus status = Decoding.status(caller.ask("raid_array"));
        name = status.name();
        return status;
    }

    List<ArrayEvent> events(long after, int limit) {
        return Decoding.events(caller.ask("raid_events", after, (long) limit));
    }

    List<PreparedBranch> branches() {
        return Decoding.branches(caller.ask("raid_branches"));
    }

    void commit(BranchId branch) {
        caller.askPatiently("raid_commit_branch", branch.toString());
    }

    void rollback(BranchId branch) {
        caller.askPatiently("raid_rollback_branch", branch.toString());
    }

    void forget(BranchId branch) {
        caller.askPatiently("raid_forget_branch", branch.toString());
    }

    void recover(String member) {
        caller.ask("raid_recover", member);
    }

    void rebuild(String member) {
        caller.ask("raid_rebuild", member);
    }

    void disable(String member) {
        caller.ask("raid_disable", member);
    }

    void pause(String member) {
        caller.ask("raid_pause", member);
    }

    void resume(String member) {
        caller.ask("raid_resume", member);
    }

    void throttle(String member, long bytesPerSecond) {
        caller.ask("raid_throttle", member, bytesPerSecond);
    }

    /** Reads a member whole, and waits until that is done. */
    void verify(String member) {
        caller.askPatiently("raid_verify", member);
    }

    void reload() {
        caller.ask("raid_reload");
    }

    /** Packs, and waits until that is done. */
    PackResult pack(PackRequest request) {
        Instant moment = request.upTo().instant();
        return Decoding.pack(caller.askPatiently(
                "raid_pack",
                moment.getEpochSecond() + moment.getNano() / 1e9,
                request.garbage().name().toLowerCase(Locale.ROOT)));
    }

    /** Has the array serve without the members that are missing, and waits until it does. */
    void assembleByForce() {
        try {
            caller.askPatiently("raid_assemble");
        } catch (Refusal e) {
            // Clients whose caches may be wrong now are disconnected, and the answer may be lost with that.
            if (e.kind() != Refusal.Kind.UNREACHABLE) {
                throw e;
            }
            caller.close();
            caller = server.connect();
            ArrayStatus status = status();
            if (status.state() == ArrayState.FAILED) {
                throw Refusal.failed("array " + status.name() + " does not serve: " + status.reason());
            }
        }
    }

    @Override
    public void close() {
        caller.close();
    }
}
