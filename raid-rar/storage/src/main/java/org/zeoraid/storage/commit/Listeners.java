package org.zeoraid.storage.commit;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;

/** Those who are told of commits. One that fails does not keep the others from being told. */
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
        if (!registrations.isEmpty()) {
            List<Oid> oids = commit.oids();
            tell(listener -> listener.committed(commit.tid, oids, commit.by));
        }
    }

    @Override
    public void dropCaches() {
        tell(Storage.InvalidationListener::dropCaches);
    }

    void packed() {
        tell(Storage.InvalidationListener::packed);
    }

    private void tell(Consumer<Storage.InvalidationListener> what) {
        for (Registration registration : registrations) {
            try {
                what.accept(registration.listener());
            } catch (RuntimeException | Error e) {
                // An error too: who commits must still be told, and its locks be released.
                Stages.LOG.log(
                        Level.ERROR,
                        "a listener failed; what it keeps of the storage may be out of date until it is dropped",
                        e);
            }
        }
    }
}
