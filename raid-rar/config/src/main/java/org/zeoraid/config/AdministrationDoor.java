package org.zeoraid.config;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.zeoraid.array.RaidArray;
import org.zeoraid.config.member.MemberDefinition;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.AdministrationException.Refusal;
import org.zeoraid.storage.admin.ArrayAdministration;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;

/** The administration of an array that may not be open yet: until it is, it says why, and reloading tries again. */
final class AdministrationDoor implements ArrayAdministration {

    private final ConfiguredArray array;

    AdministrationDoor(ConfiguredArray array) {
        this.array = array;
    }

    private <T> CompletionStage<T> ask(Function<RaidArray, CompletionStage<T>> request) {
        return array.opened().map(request).orElseGet(this::refusal);
    }

    private <T> CompletionStage<T> refusal() {
        return CompletableFuture.failedFuture(new AdministrationException(
                Refusal.WRONG_STATE,
                "array " + name() + " is not open: " + array.reason() + "; when that is put right, reload the array"));
    }

    @Override
    public String name() {
        return array.name();
    }

    @Override
    public ArrayStatus status() {
        return array.opened().map(RaidArray::status).orElseGet(this::unopened);
    }

    private ArrayStatus unopened() {
        ArrayDefinition definition = array.definition();
        List<MemberStatus> members =
                definition.members().stream().map(this::unseen).toList();
        return new ArrayStatus(
                name(),
                ArrayState.FAILED,
                "could not be opened: " + array.reason(),
                Tid.NONE,
                0,
                definition.readOnly(),
                Optional.empty(),
                members);
    }

    private MemberStatus unseen(MemberDefinition member) {
        String location =
                member.places().isEmpty() ? "" : member.places().get(0).folder().toString();
        return new MemberStatus(
                member.name(),
                member.kind(),
                location,
                MemberState.WAITING,
                "the array is not open",
                array.since(),
                Tid.NONE,
                Optional.empty());
    }

    @Override
    public List<ArrayEvent> events(long after, int limit) {
        return array.opened().map(open -> open.events(after, limit)).orElse(List.of());
    }

    @Override
    public List<PreparedBranch> preparedBranches() {
        return array.opened().map(RaidArray::preparedBranches).orElse(List.of());
    }

    @Override
    public CompletionStage<Void> commitBranch(BranchId branch) {
        return ask(open -> open.commitBranch(branch));
    }

    @Override
    public CompletionStage<Void> rollbackBranch(BranchId branch) {
        return ask(open -> open.rollbackBranch(branch));
    }

    @Override
    public CompletionStage<Void> forgetBranch(BranchId branch) {
        return ask(open -> open.forgetBranch(branch));
    }

    @Override
    public CompletionStage<Void> disable(String member) {
        return ask(open -> open.disable(member));
    }

    @Override
    public CompletionStage<Void> recover(String member) {
        return ask(open -> open.recover(member));
    }

    @Override
    public CompletionStage<Void> rebuild(String member) {
        return ask(open -> open.rebuild(member));
    }

    @Override
    public CompletionStage<Void> pause(String member) {
        return ask(open -> open.pause(member));
    }

    @Override
    public CompletionStage<Void> resume(String member) {
        return ask(open -> open.resume(member));
    }

    @Override
    public CompletionStage<Void> throttle(String member, long bytesPerSecond) {
        return ask(open -> open.throttle(member, bytesPerSecond));
    }

    @Override
    public CompletionStage<Void> verify(String member) {
        return ask(open -> open.verify(member));
    }

    @Override
    public CompletionStage<Void> reload() {
        if (array.opened().isPresent()) {
            return ask(RaidArray::reload);
        }
        array.attempt(array.definition().options().retryPause());
        return array.opened().isPresent() ? CompletableFuture.completedFuture(null) : refusal();
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        return ask(open -> open.pack(request));
    }

    @Override
    public CompletionStage<Void> assembleByForce() {
        return ask(RaidArray::assembleByForce);
    }
}
