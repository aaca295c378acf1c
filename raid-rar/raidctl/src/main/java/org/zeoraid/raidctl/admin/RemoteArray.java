package org.zeoraid.raidctl.admin;

import java.util.List;
import org.zeoraid.raidctl.call.Caller;
import org.zeoraid.raidctl.call.ServerOption;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayStatus;

/** An array that a server serves, as its admin sees it. One thread at a time; each call waits for its answer. */
final class RemoteArray implements AutoCloseable {

    private final Caller caller;

    private RemoteArray(Caller caller) {
        this.caller = caller;
    }

    static RemoteArray connect(ServerOption server) {
        return new RemoteArray(server.connect());
    }

    String name() {
        return caller.storage();
    }

    ArrayStatus status() {
        return Decoding.status(caller.ask("raid_full_status"));
    }

    List<ArrayEvent> events(long after, int limit) {
        return Decoding.events(caller.ask("raid_events", after, (long) limit));
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
        return Decoding.pack(caller.askPatiently(
                "raid_pack", request.upTo().toString(), request.garbage() == PackRequest.Garbage.COLLECT));
    }

    void assembleByForce() {
        caller.askPatiently("raid_assemble");
    }

    @Override
    public void close() {
        caller.close();
    }
}
