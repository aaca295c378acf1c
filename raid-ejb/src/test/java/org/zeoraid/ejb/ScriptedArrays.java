package org.zeoraid.ejb;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.api.RaidAdministration;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.ArrayAdministration;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;

/** One array that does as it is told: it notes what it is asked for, and the test completes the answers. */
final class ScriptedArrays implements RaidAdministration, ArrayAdministration {

    final List<String> asked = new ArrayList<>();
    final List<CompletableFuture<Void>> answers = new ArrayList<>();
    final List<PreparedBranch> branches = new ArrayList<>();
    final Map<String, MemberState> members = new LinkedHashMap<>();
    Optional<RuntimeException> failure = Optional.empty();

    @Override
    public List<String> arrays() {
        failure.ifPresent(problem -> {
            throw problem;
        });
        return List.of("main");
    }

    @Override
    public ArrayAdministration array(String name) {
        if (!name.equals("main")) {
            throw new AdministrationException(AdministrationException.Refusal.UNKNOWN, "there is no array " + name);
        }
        return this;
    }

    @Override
    public String name() {
        return "main";
    }

    @Override
    public ArrayStatus status() {
        List<MemberStatus> states = members.entrySet().stream()
                .map(member -> new MemberStatus(
                        member.getKey(),
                        "filestorage",
                        "/" + member.getKey(),
                        member.getValue(),
                        "",
                        Instant.EPOCH,
                        Tid.NONE,
                        Optional.empty()))
                .toList();
        return new ArrayStatus("main", ArrayState.OPTIMAL, "", Tid.NONE, 1, false, Optional.empty(), states);
    }

    @Override
    public List<ArrayEvent> events(long after, int limit) {
        return List.of();
    }

    private CompletionStage<Void> ask(String what) {
        asked.add(what);
        CompletableFuture<Void> answer = new CompletableFuture<>();
        answers.add(answer);
        return answer;
    }

    @Override
    public CompletionStage<Void> disable(String member) {
        return ask("disable " + member);
    }

    @Override
    public CompletionStage<Void> recover(String member) {
        return ask("recover " + member);
    }

    @Override
    public CompletionStage<Void> rebuild(String member) {
        return ask("rebuild " + member);
    }

    @Override
    public CompletionStage<Void> pause(String member) {
        return ask("pause " + member);
    }

    @Override
    public CompletionStage<Void> resume(String member) {
        return ask("resume " + member);
    }

    @Override
    public CompletionStage<Void> throttle(String member, long bytesPerSecond) {
        return ask("throttle " + member + " " + bytesPerSecond);
    }

    @Override
    public CompletionStage<Void> verify(String member) {
        return ask("verify " + member);
    }

    @Override
    public CompletionStage<Void> reload() {
        return ask("reload");
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        asked.add("pack");
        return CompletableFuture.completedStage(new PackResult(0, 0, 0, ""));
    }

    @Override
    public CompletionStage<Void> assembleByForce() {
        return ask("assemble");
    }

    @Override
    public List<PreparedBranch> preparedBranches() {
        return branches;
    }

    @Override
    public CompletionStage<Void> commitBranch(BranchId branch) {
        return ask("commit " + branch);
    }

    @Override
    public CompletionStage<Void> rollbackBranch(BranchId branch) {
        return ask("roll back " + branch);
    }

    @Override
    public CompletionStage<Void> forgetBranch(BranchId branch) {
        return ask("forget " + branch);
    }
}
