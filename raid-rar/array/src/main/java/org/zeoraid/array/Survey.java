package org.zeoraid.array;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionLog;

/**
 * What several members say to the same question. Who fails, or is late, while another answers is taken out; if nobody
 * answers, nobody is blamed. Guarded by its own monitor.
 */
final class Survey<T> implements DataPath.Watched {

    private final DataPath path;
    private final Pace pace;
    private final int since;
    private final CompletableFuture<Map<Seat, T>> result = new CompletableFuture<>();
    private final Map<Seat, T> answers = new LinkedHashMap<>();
    private final Map<Seat, Throwable> failures = new LinkedHashMap<>();
    private final List<Seat> silent;

    private Survey(DataPath path, Pace pace, List<Seat> seats) {
        this.path = path;
        this.pace = pace;
        this.since = path.ticker().now();
        this.silent = new ArrayList<>(seats);
    }

    /**
     * Asks them.
     *
     * @param where in the caller's thread, or each in one of its own
     * @return what those said that answered in time, at least one
     * @throws StorageException (in the stage) if nobody did
     */
    static <T> CompletionStage<Map<Seat, T>> of(
            DataPath path,
            DataPath.Where where,
            Pace pace,
            List<Seat> seats,
            Function<TransactionLog, CompletionStage<T>> question) {
        if (seats.isEmpty()) {
            return CompletableFuture.failedFuture(new ArrayFailedException("no optimal member is left to read from"));
        }
        Survey<T> survey = new Survey<>(path, pace, seats);
        for (Seat seat : seats) {
            path.ask(seat, where, pace, 0, question)
                    .whenComplete((answer, failure) -> survey.answered(seat, answer, failure));
        }
        if (!survey.result.isDone()) {
            path.watch(survey);
        }
        return survey.result;
    }

    private void answered(Seat seat, @Nullable T answer, @Nullable Throwable failure) {
        synchronized (this) {
            if (!silent.remove(seat)) {
                return;
            }
            if (failure == null && answer != null) {
                answers.put(seat, answer);
            } else {
                failures.put(seat, failure == null ? new IllegalStateException("no answer") : failure);
            }
            if (!silent.isEmpty()) {
                return;
            }
        }
        end();
    }

    @Override
    public boolean isOver(int tick) {
        synchronized (this) {
            if (silent.isEmpty()) {
                return true;
            }
            if (tick - since <= path.patience().of(pace)) {
                return false;
            }
            for (Seat seat : silent) {
                failures.put(
                        seat,
                        new StorageUnavailableException(
                                "no answer within " + path.patience().text(pace)));
            }
            silent.clear();
        }
        end();
        return true;
    }

    /** Nobody is silent any more, and nothing changes. */
    private void end() {
        if (answers.isEmpty()) {
            result.completeExceptionally(
                    Failures.known(failures.values().iterator().next()));
            return;
        }
        failures.forEach((seat, failure) -> path.lane()
                .expelReader(
                        seat,
                        "a question failed here and not elsewhere: " + Failures.text(failure),
                        Seat.Fault.of(failure)));
        result.complete(answers);
    }
}
