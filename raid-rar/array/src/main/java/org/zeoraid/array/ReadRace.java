package org.zeoraid.array;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.zeoraid.array.DataPath.Where;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;

/**
 * A read that was not answered well at once: asked of further members, one after another when one fails or finds nothing,
 * and a second one as well when the first takes long. The first good answer wins. Whoever failed, or is late, while another
 * answered is taken out; if nobody answers, nobody is blamed.
 *
 * <p>The first member is asked in the caller's thread if the caller allows it, and so are those that follow while all their
 * answers are at hand. Whatever follows from an answer that came later, or from the clock, is asked in other threads.
 *
 * <p>Guarded by its own monitor; members are asked, and the caller is told, without it.
 */
final class ReadRace<T> {

    private final DataPath path;
    private final Pace pace;
    private final long key;
    private final Question<T> question;
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private final List<Seat> tried = new ArrayList<>();
    private final List<Attempt> open = new ArrayList<>();
    private final List<Attempt> failed = new ArrayList<>();
    private @Nullable Attempt lacking;
    private boolean decided;
    private boolean answered;
    private Environment.Timer hedge = () -> {};

    /** What every member is asked. */
    interface Question<T> {

        CompletionStage<T> ask(TransactionLog log);

        /** Whether an answer says that there is nothing, which is not believed of one member alone. */
        default boolean isNothing(T found) {
            return false;
        }
    }

    /** @param key the object concerned, or 0 */
    ReadRace(DataPath path, Pace pace, long key, Question<T> question) {
        this.path = path;
        this.pace = pace;
        this.key = key;
        this.question = question;
    }

    private final class Attempt implements DataPath.Watched {
        private final Seat seat;
        private final int since = path.ticker().now();
        private final long begin = path.environment().nanoTime();
        private boolean counted;
        private boolean over;
        private @Nullable T found;
        private @Nullable Throwable failure;

        Attempt(Seat seat) {
            this.seat = seat;
        }

        /** It says that there is nothing. */
        boolean lacks() {
            return failure == null ? found == null || question.isNothing(found) : isNotFound();
        }

        boolean isNotFound() {
            return failure instanceof ObjectNotFoundException;
        }

        boolean answers() {
            return failure == null || isNotFound();
        }

        void tell() {
            if (failure == null) {
                answer.complete(found);
            } else {
                answer.completeExceptionally(failure);
            }
        }

        /** What it has taken so far. That slow questions take their time says nothing of others. */
        void noteTime() {
            if (pace == Pace.QUICK) {
                seat.took(path.environment().nanoTime() - begin);
            }
        }

        @Override
        public boolean isOver(int tick) {
            return isLate(this, tick);
        }
    }

    /** Asks the best member. */
    CompletionStage<T> run(Where where) {
        Seat best = path.readers().choose(key);
        Seat seat = best == null ? path.readers().butNot(List.of()) : best;
        if (seat == null) {
            return CompletableFuture.failedFuture(new ArrayFailedException("no optimal member is left to read from"));
        }
        Attempt first;
        synchronized (this) {
            first = register(seat);
        }
        await(first, ask(seat, where), where);
        return answer;
    }

    /** Goes on from a question that a member was asked already, in the thread at hand. */
    CompletionStage<T> follow(Seat seat, CompletionStage<T> stage) {
        Attempt first;
        synchronized (this) {
            first = register(seat);
        }
        await(first, stage, Where.HERE);
        return answer;
    }

    private Attempt register(Seat seat) {
        Attempt attempt = new Attempt(seat);
        tried.add(seat);
        open.add(attempt);
        return attempt;
    }

    private CompletionStage<T> ask(Seat seat, Where where) {
        return path.ask(seat, where, pace, key, question::ask);
    }

    private void await(Attempt attempt, CompletionStage<T> stage, Where where) {
        if (stage.toCompletableFuture().isDone()) {
            stage.whenComplete((found, failure) -> answered(attempt, found, failure, where));
            return;
        }
        attempt.counted = true;
        attempt.seat.member().readsInFlight().incrementAndGet();
        stage.whenComplete((found, failure) -> answered(attempt, found, failure, Where.ASIDE));
        synchronized (this) {
            if (attempt.over || decided) {
                return;
            }
            hedge.close();
            hedge = path.environment().schedule(patience(), this::askOneMore);
        }
        path.watch(attempt);
    }

    /** After which a second member is asked as well: where answers take their time, only when one is odd. */
    private Duration patience() {
        return pace == Pace.QUICK ? path.options().hedgeDelay() : path.options().answerDeadline();
    }

    private void askOneMore() {
        List<Attempt> late;
        synchronized (this) {
            late = List.copyOf(open);
        }
        late.forEach(Attempt::noteTime);
        path.readers().reroute();
        askAnother(Where.ASIDE);
    }

    private void askAnother(Where where) {
        Attempt attempt = null;
        Runnable outcome = () -> {};
        synchronized (this) {
            Seat seat = decided ? null : path.readers().butNot(tried);
            if (seat != null) {
                attempt = register(seat);
            } else if (!decided && open.isEmpty()) {
                outcome = conclusion();
            }
        }
        if (attempt == null) {
            outcome.run();
        } else {
            await(attempt, ask(attempt.seat, where), where);
        }
    }

    private void answered(Attempt attempt, @Nullable T found, @Nullable Throwable thrown, Where where) {
        if (attempt.counted) {
            attempt.seat.member().readsInFlight().decrementAndGet();
        }
        attempt.noteTime();
        Runnable outcome;
        synchronized (this) {
            attempt.over = true;
            attempt.found = found;
            attempt.failure = thrown == null ? null : Failures.cause(thrown);
            open.remove(attempt);
            outcome = rule(attempt, where);
        }
        outcome.run();
    }

    /** What follows from an answer; under the monitor. */
    private Runnable rule(Attempt attempt, Where where) {
        if (decided) {
            return attempt.answers() || !answered ? () -> {} : () -> blame(attempt);
        }
        Attempt other = lacking;
        if (!attempt.answers()) {
            failed.add(attempt);
        } else if (!attempt.lacks()) {
            return answer(other == null ? attempt::tell : () -> disagree(other, attempt));
        } else if (other != null) {
            // One that has nothing to show knows more than one that knows of nothing.
            return answer(attempt.isNotFound() ? other::tell : attempt::tell);
        } else {
            lacking = attempt;
        }
        if (path.readers().butNot(tried) != null) {
            return () -> askAnother(where);
        }
        return open.isEmpty() ? conclusion() : () -> {};
    }

    private Runnable answer(Runnable telling) {
        answered = true;
        decide();
        List<Attempt> guilty = List.copyOf(failed);
        return () -> {
            guilty.forEach(this::blame);
            telling.run();
        };
    }

    private void disagree(Attempt lacks, Attempt has) {
        Oid oid = lacks.failure instanceof ObjectNotFoundException notFound ? notFound.oid() : new Oid(key);
        new Disagreement<>(path, pace, question, oid, lacks.seat, has.seat)
                .rule()
                .thenAccept(right -> (right == lacks.seat ? lacks : has).tell());
    }

    /** Nobody is left to ask, and nobody has found anything; under the monitor. */
    private Runnable conclusion() {
        Attempt one = lacking;
        if (one != null) {
            return believed(one);
        }
        decide();
        Throwable first = failed.isEmpty() ? null : failed.get(0).failure;
        if (first == null) {
            return () -> answer.completeExceptionally(new StorageUnavailableException(
                    "no member has answered within " + path.patience().text(pace) + "; nobody is blamed"));
        }
        return () -> answer.completeExceptionally(
                first instanceof StorageClosedException
                        ? new StorageUnavailableException("no member is open now", first)
                        : Failures.known(first));
    }

    /** What becomes of the word of one that finds nothing, if nobody says the same; under the monitor. */
    private Runnable believed(Attempt one) {
        for (Attempt attempt : failed) {
            // A damaged record is a record: what could not be found elsewhere may well be there.
            if (attempt.failure instanceof CorruptedException damaged) {
                decide();
                return () -> answer.completeExceptionally(damaged);
            }
        }
        // Who did not answer may have it; only who does not count any more need not be asked.
        List<Attempt> silent = Stream.concat(failed.stream(), open.stream())
                .filter(attempt -> path.readers().all().contains(attempt.seat))
                .toList();
        if (silent.isEmpty() || !(one.failure instanceof ObjectNotFoundException notFound)) {
            // That there is nothing yet is an answer as good as any other: who is silent meanwhile is taken out for it.
            Runnable told = answer(one::tell);
            return () -> {
                silent.forEach(this::blame);
                told.run();
            };
        }
        decide();
        return () -> answer.completeExceptionally(new StorageUnavailableException(
                "member " + one.seat + " does not find it, and of "
                        + silent.stream().map(attempt -> attempt.seat).toList()
                        + " no answer could be had; one is not believed alone: "
                        + Failures.text(notFound),
                notFound));
    }

    private void decide() {
        decided = true;
        hedge.close();
    }

    private boolean isLate(Attempt attempt, int tick) {
        Runnable outcome;
        boolean over = true;
        synchronized (this) {
            if (attempt.over) {
                return true;
            }
            if (!isOverdue(attempt, tick)) {
                return false;
            }
            if (decided) {
                outcome = answered ? () -> blame(attempt) : () -> {};
            } else if (path.readers().butNot(tried) != null) {
                outcome = () -> askAnother(Where.ASIDE);
                over = false;
            } else if (open.stream().allMatch(a -> isOverdue(a, tick))) {
                outcome = conclusion();
            } else {
                return false;
            }
        }
        outcome.run();
        return over;
    }

    private boolean isOverdue(Attempt attempt, int tick) {
        return tick - attempt.since > path.patience().of(pace);
    }

    private void blame(Attempt attempt) {
        Throwable failure = attempt.failure;
        String reason = failure == null
                ? "no answer to a read within " + path.patience().text(pace) + ", while another member answered"
                : "a read failed here and not elsewhere: " + Failures.text(failure);
        path.lane().expelReader(attempt.seat, reason, Seat.Fault.of(failure));
    }
}
