package org.zeoraid.zeo.client;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;
import org.zeoraid.zeo.Addresses;
import org.zeoraid.zeo.Extension;

/**
 * A member of kind {@code zeoclient}: a storage of a ZEO server, Python's or ours. Each open log has a connection and
 * threads of its own, which end with it; a log whose connection is lost fails everything, and is to be opened again.
 *
 * <p>It remembers the last transaction that its server was seen to have. A server that went on without it holds another
 * database: opening fails then, and says so. One that has less is opened: it was emptied, restored from a backup or lost
 * data, which is for the array to judge, and for an admin.
 * Safe for any number of threads.
 */
public final class ZeoMember implements MemberSource {

    /** The section type of the configuration. */
    public static final String KIND = "zeoclient";

    private final ZeoOptions options;
    private final Environment environment;
    private final String label;
    private final ServerMemory memory = new ServerMemory();

    /** Starts nothing. */
    public ZeoMember(ZeoOptions options, Environment environment) {
        this(options, environment, Extension.LABEL + " " + options.name());
    }

    /** @param label what is told to the server for its log; only by one of our own kind it knows whom it talks to */
    ZeoMember(ZeoOptions options, Environment environment, String label) {
        this.options = options;
        this.environment = environment;
        this.label = label;
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public String location() {
        return options.addresses().stream().map(Addresses::shown).collect(Collectors.joining(" ")) + " storage "
                + options.storage();
    }

    /** None: a server's files are its own affair, also on this machine. */
    @Override
    public Optional<Path> folder() {
        return Optional.empty();
    }

    @Override
    public boolean isWriteMostly() {
        return options.preference() == ZeoOptions.Preference.WRITE_MOSTLY;
    }

    /**
     * {@inheritDoc} Tries the addresses one after another.
     *
     * @throws org.zeoraid.storage.StorageUnavailableException (in the stage) if no server answers
     * @throws org.zeoraid.storage.CorruptedException (in the stage) if the server has another database; an admin is
     *     needed
     */
    @Override
    public CompletionStage<TransactionLog> open() {
        return new Opening(options, environment, label, memory).run();
    }

    /** True: servers are restarted, and networks come and go. */
    @Override
    public boolean returnsByItself() {
        return true;
    }

    @Override
    public boolean keepsGarbage() {
        return options.packGarbage() == ZeoOptions.PackGarbage.KEEP;
    }

    @Override
    public String settings() {
        return options.toString();
    }
}
