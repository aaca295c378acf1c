package org.zeoraid.ejb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.StorageException;

class ConflictRetryTest {

    private final List<Long> pauses = new ArrayList<>();
    private final List<StorageException> failures = new ArrayList<>();
    private int runs;

    private ConflictRetry retry() {
        ConflictRetry retry = new ConflictRetry(pauses::add);
        retry.transaction = new NewTransaction() {
            @Override
            public <T> T run(Callable<T> work) throws Exception {
                runs++;
                T result = work.call();
                if (!failures.isEmpty()) {
                    throw new StoreException(failures.remove(0));
                }
                return result;
            }
        };
        return retry;
    }

    @Test
    void workThatMeetsConflictsIsDoneAgainFromItsStart() throws Exception {
        failures.add(new ConflictException("first"));
        failures.add(new ConflictException("second"));

        String result = retry().call(() -> "run " + runs);

        assertThat(result).isEqualTo("run 3");
        assertThat(pauses).hasSize(2).allSatisfy(nanos -> assertThat(nanos).isPositive());
    }

    @Test
    void thereIsAnEndToIt() {
        for (int i = 0; i < 100; i++) {
            failures.add(new ConflictException("conflict " + i));
        }

        assertThatThrownBy(() -> retry().call(() -> "never"))
                .isInstanceOf(StoreException.class)
                .hasMessage("conflict 9");
        assertThat(runs).isEqualTo(ConflictRetry.ATTEMPTS);
    }

    @Test
    void nothingElseIsTriedAgainLeastOfAllAnUnknownOutcome() {
        failures.add(new OutcomeUnknownException("who knows"));
        assertThatThrownBy(() -> retry().call(() -> "once"))
                .isInstanceOf(StoreException.class)
                .hasMessage("who knows");
        failures.add(new DiskFullException("full"));
        assertThatThrownBy(() -> retry().call(() -> "once")).isInstanceOf(StoreException.class);

        assertThat(runs).isEqualTo(2);
        assertThat(pauses).isEmpty();
    }

    @Test
    void anExceptionOfTheWorkIsTheCallers() {
        assertThatThrownBy(() -> retry().call(() -> {
                    throw new IllegalStateException("mine");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(runs).isEqualTo(1);
    }

    @Test
    void pausesAreRandomAndTheirBoundDoubles() {
        Backoff backoff = new Backoff(new Random(1));

        for (int failures = 1; failures <= 60; failures++) {
            long bound =
                    Math.min(Backoff.FIRST.toNanos() * (1L << Math.min(failures - 1, 10)), Backoff.LONGEST.toNanos());
            List<Long> seen = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                seen.add(backoff.after(failures).toNanos());
            }
            assertThat(seen).allSatisfy(nanos -> assertThat(nanos).isBetween(1L, bound));
            assertThat(seen).anySatisfy(nanos -> assertThat(nanos).isGreaterThan(bound * 3 / 4));
            assertThat(seen).anySatisfy(nanos -> assertThat(nanos).isLessThan(bound / 4));
        }
    }
}
