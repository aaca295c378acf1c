package org.zeoraid.adapter;

import jakarta.resource.NotSupportedException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.ConfigProperty;
import jakarta.resource.spi.Connector;
import jakarta.resource.spi.IllegalStateException;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterInternalException;
import jakarta.resource.spi.ResourceAllocationException;
import jakarta.resource.spi.TransactionSupport.TransactionSupportLevel;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.resource.spi.work.WorkManager;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionSynchronizationRegistry;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.io.Serializable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.admin.ArrayAdministration;

/**
 * Owns the arrays of a server: opens them when the server starts it, and releases everything when it is stopped. An
 * array that cannot serve, because members are missing, is no reason not to start: admins must be able to see it.
 *
 * <p>Where the arrays are is said by {@code configFile}, or else by {@code dataDirectory} alone: then there is one array
 * {@code main} with the members {@code a}, {@code b} and {@code c} in folders of these names. ZEO clients are served too, in
 * the same process, where the configuration or {@code zeoAddress} says.
 */
@Connector(
        displayName = "ZEORaid",
        description = "RAID 1 for object storages",
        vendorName = "ZEORaid",
        eisType = "Object storage",
        version = "1.0",
        transactionSupport = TransactionSupportLevel.XATransaction)
public final class RaidResourceAdapter implements ResourceAdapter, Serializable {
    private static final long serialVersionUID = 1;
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");
    /** Servers leave a reference to a variable that is not set as it is; a folder of that name helps nobody. */
    private static final String RESOLVED = "(?!.*\\$\\{).*";

    private static final String UNRESOLVED = "refers to a variable that is not set";

    @ConfigProperty(description = "the configuration of arrays and members, in the syntax of zeo.conf")
    @NotNull @Pattern(regexp = RESOLVED, message = UNRESOLVED) private String configFile = "";

    @ConfigProperty(description = "where the embedded default array and the adapter's own files lie")
    @NotNull @Pattern(regexp = RESOLVED, message = UNRESOLVED) private String dataDirectory = "";

    @ConfigProperty(
            defaultValue = "15",
            description = "seconds that the start waits for the arrays to serve; after that it goes on without them")
    @NotNull @Min(0) @Max(600) private Integer startSeconds = 15;

    @ConfigProperty(
            defaultValue = "20",
            description = "seconds within which the arrays must have closed when the adapter stops; servers wait 30")
    @NotNull @Min(1) @Max(28) private Integer stopSeconds = 20;

    @ConfigProperty(
            description =
                    "where ZEO clients are served if the configuration does not say it: host:port, a port, or the path of"
                            + " a Unix socket; 'none' for nowhere. Blank: the embedded default serves at localhost:8100, a"
                            + " configuration file where its <zeo> sections say")
    @NotNull @Pattern(regexp = RESOLVED, message = UNRESOLVED) private String zeoAddress = "";

    /** Null while this does not run; read without waiting for a start or a stop that is under way. */
    private transient volatile @Nullable ServedArrays arrays;

    private transient volatile @Nullable WorkManager works;
    /** Null where there is no server that has one. */
    private transient volatile @Nullable TransactionSynchronizationRegistry transactions;

    public String getConfigFile() {
        return configFile;
    }

    public void setConfigFile(String configFile) {
        this.configFile = configFile;
    }

    public String getDataDirectory() {
        return dataDirectory;
    }

    public void setDataDirectory(String dataDirectory) {
        this.dataDirectory = dataDirectory;
    }

    public Integer getStartSeconds() {
        return startSeconds;
    }

    public void setStartSeconds(Integer startSeconds) {
        this.startSeconds = startSeconds;
    }

    public Integer getStopSeconds() {
        return stopSeconds;
    }

    public void setStopSeconds(Integer stopSeconds) {
        this.stopSeconds = stopSeconds;
    }

    public String getZeoAddress() {
        return zeoAddress;
    }

    public void setZeoAddress(String zeoAddress) {
        this.zeoAddress = zeoAddress;
    }

    /** Validated by the server before the start. */
    @AssertTrue(message = "configFile or dataDirectory must say where the arrays are") boolean isConfigured() {
        return !configFile.isBlank() || !dataDirectory.isBlank();
    }

    @Override
    public synchronized void start(@Nullable BootstrapContext context) throws ResourceAdapterInternalException {
        if (arrays != null) {
            throw new ResourceAdapterInternalException("the resource adapter is running");
        }
        LOG.log(Level.INFO, "starts: {0}", this);
        try {
            ServedArrays opened =
                    ServedArrays.open(new Settings(configFile, dataDirectory, zeoAddress).configuration());
            if (context != null) {
                works = context.getWorkManager();
                transactions = context.getTransactionSynchronizationRegistry();
            }
            arrays = opened;
            RunningAdapters.add(this);
            opened.awaitServing(Duration.ofSeconds(startSeconds));
        } catch (RuntimeException | Error e) {
            stop();
            throw new ResourceAdapterInternalException("the arrays cannot be opened: " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized void stop() {
        ServedArrays running = arrays;
        arrays = null;
        RunningAdapters.remove(this);
        if (running != null) {
            running.close(Duration.ofSeconds(stopSeconds));
        }
    }

    /** Names in the order of the configuration. */
    List<String> arrayNames() {
        return running().names();
    }

    ArrayAdministration administration(String name) {
        return running().administration(name);
    }

    ServedArray served(String name) throws ResourceException {
        try {
            return running().served(name);
        } catch (StorageUnavailableException e) {
            throw new ResourceAllocationException(e.getMessage(), e);
        }
    }

    /** Whether the calling thread is in a JTA transaction that goes on. */
    boolean isInTransaction() {
        TransactionSynchronizationRegistry registry = current().transactions;
        if (registry == null) {
            return false;
        }
        int status = registry.getTransactionStatus();
        return status == Status.STATUS_ACTIVE || status == Status.STATUS_MARKED_ROLLBACK;
    }

    /** This one's, or those of the one that was started in its place. */
    private ServedArrays running() {
        ServedArrays running = current().arrays;
        if (running == null) {
            throw new StorageUnavailableException("the resource adapter is not running");
        }
        return running;
    }

    /** This, if it runs, or else the one with the same settings that does, if there is one. */
    RaidResourceAdapter current() {
        return arrays != null ? this : RunningAdapters.like(this).orElse(this);
    }

    /** Whether this is that very one, or is in its place: another one's arrays are other ones, whatever its settings. */
    @SuppressWarnings("ReferenceEquality")
    private boolean standsFor(RaidResourceAdapter other) {
        return current() == other;
    }

    /**
     * What a bean is associated with from now on: once and for all, unless it is told the same again.
     *
     * @param before what it was associated with; null for nothing
     * @param what the bean, for people
     * @throws ResourceException if the owner is no adapter of this kind, or another one than before
     */
    static RaidResourceAdapter associated(@Nullable RaidResourceAdapter before, ResourceAdapter owner, String what)
            throws ResourceException {
        if (!(owner instanceof RaidResourceAdapter mine)) {
            throw new ResourceException("not the resource adapter of this " + what + ": " + owner);
        }
        if (before != null && !before.standsFor(mine)) {
            throw new IllegalStateException("the " + what + " belongs to a resource adapter already");
        }
        return mine;
    }

    /** What is deserialised is no second adapter, but the one that runs. */
    private Object readResolve() {
        return current();
    }

    @Override
    public void endpointActivation(MessageEndpointFactory endpoints, ActivationSpec spec) throws ResourceException {
        WorkManager server = works;
        if (!(spec instanceof RaidActivation activation) || server == null) {
            throw new NotSupportedException("nothing of this adapter can be listened to with " + spec);
        }
        try {
            running().inflows().begin(endpoints, activation, server);
        } catch (StorageUnavailableException e) {
            throw new ResourceAdapterInternalException(e.getMessage(), e);
        }
    }

    @Override
    public void endpointDeactivation(MessageEndpointFactory endpoints, ActivationSpec spec) {
        ServedArrays running = arrays;
        if (running != null) {
            running.inflows().end(endpoints);
        }
    }

    /** None: what beans are told takes part in no transaction of the arrays. */
    @Override
    public XAResource[] getXAResources(ActivationSpec[] specs) {
        return new XAResource[0];
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RaidResourceAdapter that
                && configFile.equals(that.configFile)
                && dataDirectory.equals(that.dataDirectory)
                && startSeconds.equals(that.startSeconds)
                && stopSeconds.equals(that.stopSeconds)
                && zeoAddress.equals(that.zeoAddress);
    }

    @Override
    public int hashCode() {
        return Objects.hash(configFile, dataDirectory, startSeconds, stopSeconds, zeoAddress);
    }

    @Override
    public String toString() {
        return "RaidResourceAdapter(configFile=" + configFile + ", dataDirectory=" + dataDirectory + ", startSeconds="
                + startSeconds + ", stopSeconds="
                + stopSeconds + ", zeoAddress=" + zeoAddress + ")";
    }
}
