package org.zeoraid.array;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;

/**
 * A read that was not answered well at once: asked of further members, one after another when one fails, and a second one
 * as well when the first takes long. The first good answer wins. Whoever failed, or is late, while another answered is
 * taken out; if nobody answers, nobody is blamed.
 *
 * <p>Guarded by its own monitor; members are asked, and the caller is told, without it.
 */
final class ReadRace<T> {

    private final DataPath path;
    private final Function<TransactionLog, CompletionStage<T>> question;
    private final int patience;
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private final List<Seat> tried = new ArrayList<>();
    private final List<Attempt> open = new ArrayList<>();
    private final List<Attempt> failed = new ArrayList<>();
    private @Nullable Attempt missing;
    private boolean decided;
    private boolean answeredBySomebody;
    private Environment.Timer hedge = () -> {};

    /** @param patience ticks after which a member is late */
    ReadRace(DataPath path, Function<TransactionLog, CompletionStage<T>> question, int patience) {
        this.path = path;
        this.question = question;
        this.patience = patience;
    }

    private final class Attempt implements DataPath.Watched {
        private final Seat seat;
        private final int since = path.ticker().now();
        private final long begin = path.environment().nanoTime();
        private @Nullable Throwable failure;
        private boolean answered;

        Attempt(Seat seat) {
            this.seat = seat;
        }

        @Override
        public boolean isOver(int tick) {
            return isLate(this, tick);
        }
    }

    /** Asks the best member. */
    CompletionStage<T> run(long key) {
        Seat seat = path.readers().choose(key);
        if (seat == null) {
            return noMember();
        }
        seat.member().readsInFlight().incrementAndGet();
        return follow(seat, ask(seat));
    }

    static <T> CompletionStage<T> noMember() {
        return CompletableFuture.failedFuture(new ArrayFailedException("no optimal member is left to read from"));
    }

    /** Goes on from a question that a member was asked already. */
    CompletionStage<T> follow(Seat seat, CompletionStage<T> stage) {
        Attempt first;
        synchronized (this) {
            first = register(seat);
        }
        await(first, stage);
        return answer;
    }

    private Attempt register(Seat seat) {
        Attempt attempt = new Attempt(seat);
        tried.add(seat);
        open.add(attempt);
        return attempt;
    }

    private CompletionStage<T> ask(Seat seat) {
        try {
            return question.apply(seat.log());
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void await(Attempt attempt, CompletionStage<T> stage) {
        stage.whenComplete((value, failure) -> answered(attempt, value, failure));
        synchronized (this) {
            if (attempt.answered || decided) {
                return;
            }
            hedge.close();
            hedge = path.environment().schedule(path.options().hedgeDelay(), this::askAnother);
        }
        path.watch(attempt);
    }

    private void askAnother() {
        Attempt attempt = null;
        Runnable outcome = () -> {};
        synchronized (this) {
            Seat seat = decided ? null : path.readers().butNot(tried);
            if (seat != null) {
                attempt = register(seat);
                seat.member().readsInFlight().incrementAndGet();
            } else if (!decided && open.isEmpty()) {
                outcome = conclusion();
            }
        }
        if (attempt == null) {
            outcome.run();
            return;
        }
        await(attempt, ask(attempt.seat));
    }

    private void answered(Attempt attempt, @Nullable T value, @Nullable Throwable thrown) {
        attempt.seat.member().readsInFlight().decrementAndGet();
        attempt.seat.answered(path.ticker().now());
        attempt.seat.took(path.environment().nanoTime() - attempt.begin);
        Throwable failure = thrown == null ? null : Failures.cause(thrown);
        Runnable outcome;
        synchronized (this) {
            attempt.answered = true;
            attempt.failure = failure;
            open.remove(attempt);
            outcome = rule(attempt, value, failure);
        }
        outcome.run();
    }

    /** What follows from an answer; under the monitor. */
    private Runnable rule(Attempt attempt, @Nullable T value, @Nullable Throwable failure) {
        boolean answers = failure == null || failure instanceof ObjectNotFoundException;
        answeredBySomebody |= answers;
        if (decided) {
            return answers || !answeredBySomebody ? () -> {} : () -> blame(attempt);
        }
        if (failure == null) {
            decide();
            Attempt other = missing;
            List<Attempt> guilty = List.copyOf(failed);
            return () -> {
                guilty.forEach(this::blame);
                if (other != null && other.failure instanceof ObjectNotFoundException notFound) {
                    new Disagreement<T>(path, other.seat, attempt.seat, notFound, answer).resolve(value);
                } else {
                    answer.complete(value);
                }
            };
        }
        if (failure instanceof ObjectNotFoundException) {
            if (missing != null) {
                decide();
                return () -> answer.completeExceptionally(failure);
            }
            missing = attempt;
        } else {
            failed.add(attempt);
        }
        Seat next = path.readers().butNot(tried);
        if (next != null) {
            return this::askAnother;
        }
        return open.isEmpty() ? conclusion() : () -> {};
    }

    /** Nobody is left to ask, and nobody has given a value; under the monitor. */
    private Runnable conclusion() {
        decide();
        Attempt lacking = missing;
        if (lacking != null && lacking.failure != null) {
            Throwable notFound = lacking.failure;
            for (Attempt attempt : failed) {
                // A damaged record is a record: what could not be found elsewhere may well be there.
                if (attempt.failure instanceof CorruptedException damaged) {
                    return () -> answer.completeExceptionally(damaged);
                }
            }
            // Who did not answer may have it; only who does not count any more need not be asked.
            List<Seat> silent = Stream.concat(failed.stream(), open.stream())
                    .map(attempt -> attempt.seat)
                    .filter(path.readers().all()::contains)
                    .toList();
            if (silent.isEmpty()) {
                return () -> answer.completeExceptionally(notFound);
            }
            return () -> answer.completeExceptionally(new StorageUnavailableException(
                    "member " + lacking.seat + " does not find it, and of " + silent
                            + " no answer could be had; one is not believed alone: " + notFound.getMessage(),
                    notFound));
        }
        Throwable first = failed.isEmpty() ? null : failed.get(0).failure;
        if (first == null) {
            return () -> answer.completeExceptionally(new StorageUnavailableException(
                    "no member has answered within " + path.patience().answerText() + "; nobody is blamed"));
        }
        return () -> answer.completeExceptionally(
                first instanceof StorageClosedException
                        ? new StorageUnavailableException("no member is open now", first)
                        : Failures.known(first));
    }

    private void decide() {
        decided = true;
        hedge.close();
    }

    private boolean isLate(Attempt attempt, int tick) {
        Runnable outcome;
        synchronized (this) {
            if (attempt.answered) {
                return true;
            }
            if (tick - attempt.since <= patience) {
                return false;
            }
            if (decided) {
                outcome = answeredBySomebody ? () -> blame(attempt) : () -> {};
            } else if (path.readers().butNot(tried) != null) {
                path.environment().schedule(Duration.ZERO, this::askAnother);
                return false;
            } else {
                boolean othersLate = open.stream().allMatch(a -> tick - a.since > patience);
                if (!othersLate) {
                    return false;
                }
                outcome = conclusion();
            }
        }
        outcome.run();
        return true;
    }

    private void blame(Attempt attempt) {
        Throwable failure = attempt.failure;
        String reason = failure == null
                ? "no answer to a read within " + path.patience().answerText() + ", while another member answered"
                : "a read failed here and not elsewhere: " + Failures.text(failure);
        path.lane().expelReader(attempt.seat, reason, Seat.Fault.of(failure));
    }
}
