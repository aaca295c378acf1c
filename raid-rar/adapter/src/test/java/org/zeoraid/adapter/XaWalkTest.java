package org.zeoraid.adapter;

import static javax.transaction.xa.XAResource.TMENDRSCAN;
import static javax.transaction.xa.XAResource.TMFAIL;
import static javax.transaction.xa.XAResource.TMJOIN;
import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMONEPHASE;
import static javax.transaction.xa.XAResource.TMRESUME;
import static javax.transaction.xa.XAResource.TMSTARTRSCAN;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static javax.transaction.xa.XAResource.TMSUSPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.adapter.MemoryArray.text;
import static org.zeoraid.adapter.XaModel.TMMIGRATE;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToIntFunction;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Oid;

/**
 * Random sequences of calls with any flags, in any order, on any connection and from any thread, of transaction managers and of admins,
 * with logs that fail, times that are up, restarts and crashes in between: the adapter answers as the model of the specification does.
 * A run is repeated by {@code -Dxa.seed=N}; {@code -Dxa.walks=N} makes more of them.
 */
class XaWalkTest {
    private static final int SESSIONS = 4;
    private static final int BRANCHES = 6;
    private static final int STEPS = 200;
    /** The object that all branches may write; each has one of its own besides. */
    private static final int SHARED = BRANCHES;

    private static final boolean ONE_PHASE = true;
    private static final boolean TWO_PHASES = false;

    @TempDir
    Path folder;

    private final List<String> story = new ArrayList<>();
    private SplittableRandom random = new SplittableRandom();
    private XaServer server;
    private XaModel model;

    @Test
    void theAdapterAnswersAsTheSpecificationSays() throws Exception {
        long seed = Long.getLong("xa.seed", 0);
        long last = seed == 0 ? Long.getLong("xa.walks", 30) : seed;
        for (long walk = Math.max(1, seed); walk <= last; walk++) {
            try {
                walk(walk);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("-Dxa.seed=" + walk + ": " + String.join("\n", story), e);
            }
        }
    }

    private void walk(long seed) throws Exception {
        random = new SplittableRandom(seed);
        story.clear();
        model = new XaModel(SESSIONS);
        server = new XaServer(folder.resolve("walk-" + seed), SESSIONS);
        try {
            for (int step = 0; step < STEPS; step++) {
                step(step);
            }
            for (int object = 0; object <= SHARED; object++) {
                assertThat(server.current(oid(object)))
                        .as("object " + object)
                        .isEqualTo(model.fates().value(object));
            }
        } finally {
            server.close();
        }
    }

    private static Xid xid(int branch) {
        return new TestXid("t" + branch / 2, "b" + branch);
    }

    private static int number(Xid xid) {
        return Integer.parseInt(text(xid.getBranchQualifier()).substring(1));
    }

    private static Oid oid(int object) {
        return new Oid(100 + object);
    }

    /** One of these, each as probable as the others. */
    private int any(int... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private void step(int step) throws Exception {
        int session = random.nextInt(SESSIONS);
        int branch = random.nextInt(BRANCHES);
        int own = model.branchOf(session) < 0 ? branch : mostly(Set.of(model.branchOf(session)), branch);
        int idle = mostly(model.idle(), branch);
        int decided = mostly(model.fates().known(), branch);
        switch (random.nextInt(24)) {
            case 0, 1, 2 -> start(session, branch, TMNOFLAGS);
            case 3 -> start(session, branch, any(TMJOIN, TMRESUME));
            case 4, 5, 6 -> end(session, own, TMSUCCESS);
            case 7 -> end(session, own, any(TMFAIL, TMSUSPEND, TMSUSPEND, TMSUSPEND | TMMIGRATE));
            case 8, 9, 10 -> prepare(session, idle);
            case 11 -> commit(session, idle, ONE_PHASE, anyTrouble());
            case 12, 13 -> commit(session, decided, TWO_PHASES, anyTrouble());
            case 14 -> rollback(session, any(idle, decided));
            case 15, 16, 17, 18 -> write(session, branch, "value " + step);
            case 19 -> admin(decided);
            case 20 -> race(session, decided);
            case 21 -> recover(session);
            case 22 -> aroundTheWork(session, branch);
            default -> rare(session, any(branch, decided));
        }
    }

    /** Most calls concern branches for which they are meant, or nothing would ever be finished. */
    private int mostly(Set<Integer> meant, int branch) {
        return meant.isEmpty() || random.nextInt(4) == 0
                ? branch
                : List.copyOf(new TreeSet<>(meant)).get(random.nextInt(meant.size()));
    }

    private Trouble anyTrouble() {
        return random.nextBoolean() ? Trouble.NONE : Trouble.values()[random.nextInt(Trouble.values().length)];
    }

    // Sessions.

    private void start(int session, int branch, int flags) throws Exception {
        if (flags == TMRESUME && model.isAmbiguous(session, branch)) {
            return;
        }
        check(
                "session " + session + " start " + branch + " flags " + flags,
                model.start(session, branch, flags),
                () -> server.xa(session).start(xid(branch), flags));
    }

    private void end(int session, int branch, int flags) throws Exception {
        check(
                "session " + session + " end " + branch + " flags " + flags,
                model.end(session, branch, flags),
                () -> server.xa(session).end(xid(branch), flags));
    }

    private void write(int session, int branch, String value) throws Exception {
        if (model.canWork(session)) {
            int object = random.nextInt(5) == 0 ? SHARED : model.branchOf(session);
            story.add("session " + session + " writes " + value + " to " + object);
            server.inAnyThread(random, () -> server.handle(session).store(oid(object), MemoryArray.bytes(value)));
            model.write(session, object, value);
        } else {
            start(session, branch, TMNOFLAGS);
        }
    }

    private void aroundTheWork(int session, int branch) throws Exception {
        switch (random.nextInt(4)) {
            case 0 -> {
                int seconds = any(-1, 0, 5, 5, 5);
                check("session " + session + " timeout " + seconds, model.setTimeout(session, seconds), () -> server.xa(
                                session)
                        .setTransactionTimeout(seconds));
                assertThat(server.xa(session).getTransactionTimeout()).isEqualTo(model.timeout(session));
            }
            case 1 -> {
                story.add("time is up");
                server.expire();
                model.expire();
            }
            case 2 -> {
                if (model.canWork(session)) {
                    boolean expected = model.vote(session);
                    boolean voted = server.vote(session);
                    story.add("session " + session + " votes: " + voted);
                    assertThat(voted).isEqualTo(expected);
                }
            }
            default -> {
                if (model.branchOf(session) < 0) {
                    server.handle(session).localTransaction().begin();
                    model.beginLocally(session);
                    start(session, branch, TMNOFLAGS);
                    server.rollbackLocally(session);
                    model.endLocally(session);
                }
            }
        }
    }

    // Transaction managers.

    private void prepare(int session, int branch) throws Exception {
        check("prepare " + branch, model.prepare(branch), xa -> xa.prepare(xid(branch)), session);
    }

    private void commit(int session, int branch, boolean onePhase, Trouble trouble) throws Exception {
        int expected = onePhase ? model.commitInOnePhase(branch, trouble) : model.commit(branch, trouble);
        server.log().meets(trouble, () -> {});
        check("commit " + branch + (onePhase ? " in one phase" : "") + ", log " + trouble, expected, () -> server.xa(
                        session)
                .commit(xid(branch), onePhase));
        server.log().meets(Trouble.NONE, () -> {});
    }

    private void rollback(int session, int branch) throws Exception {
        check("rollback " + branch, model.rollback(branch), () -> server.xa(session)
                .rollback(xid(branch)));
    }

    private void recover(int session) throws Exception {
        int flags = any(TMSTARTRSCAN | TMENDRSCAN, TMSTARTRSCAN, TMNOFLAGS, TMENDRSCAN, TMSTARTRSCAN | TMONEPHASE);
        Optional<Set<Integer>> expected = model.recover(session, flags);
        Set<Integer> found = new TreeSet<>();
        check(
                "session " + session + " recover flags " + flags,
                expected.isPresent() ? 0 : XAException.XAER_INVAL,
                () -> {
                    for (Xid each : server.xa(session).recover(flags)) {
                        found.add(number(each));
                    }
                });
        assertThat(found).isEqualTo(expected.orElseGet(TreeSet::new));
        assertThat(server.xa(session).isSameRM(server.xa(random.nextInt(SESSIONS))))
                .isTrue();
    }

    private void rare(int session, int branch) throws Exception {
        switch (random.nextInt(5)) {
            case 0, 1 ->
                check("forget " + branch, model.forget(branch), () -> server.xa(session)
                        .forget(xid(branch)));
            case 2 -> start(session, branch, any(TMFAIL, TMJOIN | TMRESUME, TMSUSPEND, TMSUCCESS));
            case 3 -> end(session, branch, any(TMNOFLAGS, TMSUCCESS | TMMIGRATE, TMSUCCESS | TMFAIL, TMMIGRATE));
            default -> restart(session, branch);
        }
    }

    // Admins, and decisions at once.

    /** A decision, and how the model answers it. */
    private record Decision(String name, ToIntFunction<XaFates> expected, Call call) {}

    private List<Decision> decisions(int session, int branch) {
        return List.of(
                new Decision(
                        "commit",
                        fates -> fates.commit(branch, XaFates.Decider.TRANSACTION_MANAGER),
                        () -> server.xa(session).commit(xid(branch), false)),
                new Decision(
                        "rollback",
                        fates -> fates.rollback(branch, XaFates.Decider.TRANSACTION_MANAGER),
                        () -> server.xa(session).rollback(xid(branch))),
                new Decision(
                        "admin's commit",
                        fates -> fates.commit(branch, XaFates.Decider.ADMIN),
                        () -> server.commitByAdmin(xid(branch))),
                new Decision(
                        "admin's rollback",
                        fates -> fates.rollback(branch, XaFates.Decider.ADMIN),
                        () -> server.rollbackByAdmin(xid(branch))),
                new Decision(
                        "admin's forget",
                        fates -> fates.forgetByAdmin(branch),
                        () -> server.forgetByAdmin(xid(branch))));
    }

    private void admin(int branch) throws Exception {
        Decision decision = decisions(0, branch).get(2 + random.nextInt(3));
        check(decision.name() + " of " + branch, decision.expected().applyAsInt(model.fates()), decision.call());
    }

    /** Two decisions at once are answered as if one had come after the other. */
    private void race(int session, int branch) throws Exception {
        if (!model.fates().isInDoubt(branch)) {
            return;
        }
        List<Decision> all = decisions(session, branch);
        Decision one = all.get(random.nextInt(4));
        Decision other = all.get(random.nextInt(4));
        server.log().hold("append");
        CompletableFuture<Integer> first = server.later(() -> answer(one.call()));
        CompletableFuture<Integer> second = server.later(() -> answer(other.call()));
        server.log().release();
        int oneAnswer = first.get();
        int otherAnswer = second.get();
        story.add(
                one.name() + " and " + other.name() + " of " + branch + " at once = " + oneAnswer + ", " + otherAnswer);

        XaFates forwards = model.fates().copy();
        XaFates backwards = model.fates().copy();
        boolean isForwards = one.expected().applyAsInt(forwards) == oneAnswer
                && other.expected().applyAsInt(forwards) == otherAnswer;
        boolean isBackwards = other.expected().applyAsInt(backwards) == otherAnswer
                && one.expected().applyAsInt(backwards) == oneAnswer;
        assertThat(isForwards || isBackwards).as("answers in some order").isTrue();
        model.decided(isForwards ? forwards : backwards, branch);
        if (all.indexOf(one) > 1 && all.indexOf(other) > 1) {
            // Whoever works in it hears of it when the transaction manager asks.
            commit(session, branch, TWO_PHASES, Trouble.NONE);
        }
    }

    // The process.

    /** In order, or by a crash: at any time, or just when the log is given a transaction, which it may have taken or not. */
    private void restart(int session, int branch) throws Exception {
        switch (random.nextInt(3)) {
            case 0 -> {
                story.add("restart");
                server.restart();
            }
            case 1 -> {
                story.add("crash");
                server.saveJournal();
                server.crash();
            }
            default -> {
                Trouble trouble = any(0, 1) == 0 ? Trouble.UNKNOWN_LOST : Trouble.UNKNOWN_THERE;
                boolean onePhase = random.nextBoolean();
                story.add("crash in commit of " + branch + (onePhase ? " in one phase" : "") + ", log " + trouble);
                server.saveJournal();
                server.log().meets(trouble, server::saveJournal);
                answer(() -> server.xa(session).commit(xid(branch), onePhase));
                server.log().meets(Trouble.NONE, () -> {});
                server.crash();
                if (onePhase) {
                    model.commitInOnePhase(branch, trouble);
                } else {
                    model.commit(branch, trouble);
                }
            }
        }
        model.restart();
    }

    // Answers.

    private interface Call {
        void make() throws Exception;
    }

    private interface Question {
        int ask(XAResource xa) throws XAException;
    }

    private void check(String what, int expected, Question question, int session) throws Exception {
        int[] answer = {0};
        check(what, expected, () -> answer[0] = question.ask(server.xa(session)), answer);
    }

    private void check(String what, int expected, Call call) throws Exception {
        check(what, expected, call, new int[] {0});
    }

    private void check(String what, int expected, Call call, int[] returned) throws Exception {
        int[] answer = {0};
        server.inAnyThread(random, () -> answer[0] = answer(call));
        int told = answer[0] == XaModel.OK ? returned[0] : answer[0];
        story.add(what + " = " + told);
        assertThat(told).as(what).isEqualTo(expected);
    }

    private static int answer(Call call) throws Exception {
        try {
            call.make();
            return XaModel.OK;
        } catch (XAException e) {
            return e.errorCode;
        } catch (XaServer.RefusedException e) {
            return XaFates.REFUSED;
        }
    }
}
