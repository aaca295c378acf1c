package org.zeoraid.storage.journal;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.zeoraid.storage.seam.Environment;

/** The same done to several copies at once; over when all have answered, or the patience with those that have not is. */
final class CopyRound {

    /** What is done to each. */
    interface Work {
        void on(JournalCopy copy) throws IOException;
    }

    private final List<JournalCopy> copies;
    private final Work work;
    private final Consumer<Map<JournalCopy, Optional<Throwable>>> end;
    private final Map<JournalCopy, Optional<Throwable>> answers = new LinkedHashMap<>();
    private boolean over;

    /** @param end told once why each copy failed, empty for one that did not */
    CopyRound(List<JournalCopy> copies, Work work, Consumer<Map<JournalCopy, Optional<Throwable>>> end) {
        this.copies = copies;
        this.work = work;
        this.end = end;
        copies.forEach(copy -> copy.setBusy(true));
    }

    void start(Environment environment, Duration patience) {
        if (copies.isEmpty()) {
            end.accept(Map.of());
            return;
        }
        Environment.Timer timer = environment.schedule(patience, () -> finish(patience));
        for (JournalCopy copy : copies) {
            copy.perform(() -> work.on(copy)).whenComplete((nothing, failure) -> {
                copy.setBusy(false);
                if (answered(copy, Optional.ofNullable(failure))) {
                    timer.close();
                    finish(patience);
                }
            });
        }
    }

    private synchronized boolean answered(JournalCopy copy, Optional<Throwable> failure) {
        answers.put(copy, failure);
        return answers.size() == copies.size();
    }

    private void finish(Duration patience) {
        Map<JournalCopy, Optional<Throwable>> all = new LinkedHashMap<>();
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            for (JournalCopy copy : copies) {
                Optional<Throwable> late = Optional.of(new IOException("no answer in " + patience.toSeconds() + " s"));
                all.put(copy, answers.getOrDefault(copy, late));
            }
        }
        end.accept(all);
    }
}
