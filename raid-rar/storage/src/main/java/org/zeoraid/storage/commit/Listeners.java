package org.zeoraid.storage.commit;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.zeoraid.storage.Storage;

/** Those who are told of commits. One that fails does not keep the others from being told, and is told to drop its caches. */
final class Listeners implements CommitStream.Audience {

    private record Registration(Storage.InvalidationListener listener) {
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    private final List<Registration> registrations = new CopyOnWriteArrayList<>();

    Storage.Subscription add(Storage.InvalidationListener listener) {
        Registration registration = new Registration(listener);
        registrations.add(registration);
        return () -> registrations.remove(registration);
    }

    @Override
    public void committed(Commit commit) {
        for (Registration registration : registrations) {
            Storage.InvalidationListener listener = registration.listener();
            if (!tell(listener, one -> one.committed(commit.tid, commit.oids(), commit.by))) {
                tell(listener, Storage.InvalidationListener::dropCaches);
            }
        }
    }

    @Override
    public void dropCaches() {
        tellAll(Storage.InvalidationListener::dropCaches);
    }

    void packed() {
        tellAll(Storage.InvalidationListener::packed);
    }

    private void tellAll(Consumer<Storage.InvalidationListener> what) {
        registrations.forEach(registration -> tell(registration.listener(), what));
    }

    private static boolean tell(Storage.InvalidationListener listener, Consumer<Storage.InvalidationListener> what) {
        try {
            what.accept(listener);
            return true;
        } catch (RuntimeException | Error e) {
            // An error too: who commits must still be told, and its locks be released.
            Stages.LOG.log(Level.ERROR, "a listener of the storage failed", e);
            return false;
        }
    }
}
