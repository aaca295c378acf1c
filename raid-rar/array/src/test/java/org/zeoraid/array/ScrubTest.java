package org.zeoraid.array;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.memory.MemoryMember;

/** A verification compares the member with others: what no checksum tells is found too. */
class ScrubTest {

    private static final Oid ROTTEN = Rig.oid(2);

    private final ArrayRig three = new ArrayRig(1, "a", "b", "c");

    @Test
    void membersThatHoldTheSameAreToldSo() {
        three.openServing();
        three.commit(1, "x");

        three.environment.await(three.array.verify("c"));

        assertThat(last(three, "verified").text()).contains("member a holds the same");
    }

    @Test
    void anArrayOfOneHasNothingToCompareWith() {
        ArrayRig alone = new ArrayRig(1, "a");
        alone.openServing();
        alone.commit(1, "x");

        alone.environment.await(alone.array.verify("a"));

        assertThat(last(alone, "verified").text()).contains("no other optimal member");
    }

    @Test
    void theMemberThatSaysSomethingElseThanTwoOthersIsTakenOut() {
        for (String rotten : List.of("a", "b", "c")) {
            for (String verified : List.of("a", "b", "c")) {
                ArrayRig rig = new ArrayRig(1, "a", "b", "c");
                Tid tid = committed(rig);
                rewrite(rig, rotten, ScrubTest::rot);

                rig.environment.await(rig.array.verify(verified));

                // A member is compared with the one that follows it; the third is not looked at.
                boolean isSeen = rotten.equals(verified) || rotten.equals(following(verified));
                assertThat(rig.state(rotten)).isEqualTo(isSeen ? MemberState.DEGRADED : MemberState.OPTIMAL);
                assertThat(rig.array.status().members())
                        .filteredOn(m -> m.state() == MemberState.OPTIMAL)
                        .hasSize(isSeen ? 2 : 3);
                if (isSeen) {
                    assertThat(rig.member(rotten).reason())
                            .contains("object " + ROTTEN + " of transaction " + tid + " has other data");
                    assertThat(last(rig, "differs").member()).isEqualTo(rotten);
                }
            }
        }
    }

    @Test
    void aTransactionThatIsMissingInOneIsFound() {
        committed(three);
        rewrite(three, "b", entry -> entry.oid().equals(ROTTEN) ? Optional.empty() : Optional.of(entry));

        three.environment.await(three.array.verify("b"));

        assertThat(three.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(three.member("b").reason()).contains("only one of them has transaction");
    }

    @Test
    void ofTwoNobodyCanTellWhichIsRight() {
        ArrayRig two = new ArrayRig(1, "a", "b");
        committed(two);
        rewrite(two, "b", ScrubTest::rot);

        two.environment.await(two.array.verify("a"));

        ArrayEvent told = last(two, "differs");
        assertThat(told.severity()).isEqualTo(Severity.ERROR);
        assertThat(told.text()).contains("members a and b differ", "Nobody can tell which is right");
        assertThat(two.array.status().members()).allMatch(m -> m.state() == MemberState.OPTIMAL);
    }

    @Test
    void whatOnlyOneMembersPackHasDroppedIsNoDifference() {
        three.openServing();
        three.commit(1, "x");
        three.commit(1, "y");
        three.commit(2, "z");
        three.close();
        PackRequest all = new PackRequest(Tid.MAX, PackRequest.Garbage.KEEP);
        three.log("b").pack(all).toCompletableFuture().join();
        assertThat(three.tids("b")).hasSize(2);
        three.openServing();

        three.environment.await(three.array.verify("a"));
        three.environment.await(three.array.verify("b"));

        assertThat(three.array.status().members()).allMatch(m -> m.state() == MemberState.OPTIMAL);
        assertThat(three.array.events(0, 100)).noneMatch(event -> event.kind().equals("differs"));
    }

    @Test
    void aCurrentObjectThatIsMissingInWhatAPackHasLeftIsTold() {
        committed(three);
        three.close();
        three.log("a")
                .pack(new PackRequest(Tid.MAX, PackRequest.Garbage.KEEP))
                .toCompletableFuture()
                .join();
        three.openServing();
        rewrite(three, "b", entry -> entry.oid().equals(ROTTEN) ? Optional.empty() : Optional.of(entry));

        three.environment.await(three.array.verify("a"));

        assertThat(last(three, "differs").text()).contains("object " + ROTTEN, "is missing in one of them");
        assertThat(three.array.status().members()).allMatch(m -> m.state() == MemberState.OPTIMAL);
    }

    private static Tid committed(ArrayRig rig) {
        rig.openServing();
        rig.commit(1, "x");
        Tid tid = rig.commit(2, "good");
        rig.commit(3, "z");
        return tid;
    }

    private static String following(String name) {
        return name.equals("c") ? "a" : name.equals("a") ? "b" : "c";
    }

    private static Optional<DataRecord> rot(DataRecord entry) {
        return Optional.of(
                entry.oid().equals(ROTTEN)
                        ? new DataRecord(entry.oid(), new Content.Data("rotten".getBytes(UTF_8)))
                        : entry);
    }

    private interface Change {
        Optional<DataRecord> of(DataRecord entry);
    }

    /** Changes what a member holds, behind the array's back. Transactions that lose all their records are gone. */
    private static void rewrite(ArrayRig rig, String name, Change change) {
        rig.close();
        MemoryMember rewritten = MemoryMember.named(name);
        TransactionLog to = rewritten.open().toCompletableFuture().join();
        Tid last = Tid.NONE;
        for (CommittedTransaction transaction : rig.log(name)
                .transactions(Tid.NONE, Tid.MAX)
                .next(Long.MAX_VALUE)
                .toCompletableFuture()
                .join()) {
            List<DataRecord> changed = new ArrayList<>();
            transaction.records().forEach(entry -> change.of(entry).ifPresent(changed::add));
            if (!changed.isEmpty()) {
                to.append(last, CommittedTransaction.of(transaction.header(), changed))
                        .toCompletableFuture()
                        .join();
                last = transaction.tid();
            }
        }
        rig.replace(name, rewritten);
        rig.openServing();
    }

    private static ArrayEvent last(ArrayRig rig, String kind) {
        Predicate<ArrayEvent> isOf = event -> event.kind().equals(kind);
        return rig.array.events(0, 100).stream()
                .filter(isOf)
                .reduce((one, other) -> other)
                .orElseThrow();
    }
}
