package org.zeoraid.adapter;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConfigProperty;
import jakarta.resource.spi.ConnectionDefinition;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.IllegalStateException;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterAssociation;
import jakarta.resource.spi.ValidatingManagedConnectionFactory;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import javax.security.auth.Subject;
import org.jspecify.annotations.Nullable;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;

/** Makes connections to one array of the resource adapter it belongs to. */
@ConnectionDefinition(
        connectionFactory = RaidConnectionFactory.class,
        connectionFactoryImpl = JcaConnectionFactory.class,
        connection = RaidConnection.class,
        connectionImpl = ConnectionHandle.class)
public final class RaidManagedConnectionFactory
        implements ManagedConnectionFactory, ResourceAdapterAssociation, ValidatingManagedConnectionFactory {
    private static final long serialVersionUID = 1;

    static final String NAME = "(?!.*\\$\\{)\\S+";
    static final String NO_NAME = "an array's name has no blanks, and refers to no variable that is not set";

    @ConfigProperty(defaultValue = "main", description = "the name of the array, as the configuration has it")
    @NotNull @Pattern(regexp = NAME, message = NO_NAME) private String arrayName = "main";

    /** Written with this as its settings, and read as the adapter that runs with them. */
    private @Nullable RaidResourceAdapter adapter;

    private transient @Nullable PrintWriter logWriter;

    public String getArrayName() {
        return arrayName;
    }

    public void setArrayName(String arrayName) {
        this.arrayName = arrayName;
    }

    @Override
    public @Nullable ResourceAdapter getResourceAdapter() {
        return adapter;
    }

    @Override
    public void setResourceAdapter(ResourceAdapter owner) throws ResourceException {
        adapter = RaidResourceAdapter.associated(adapter, owner, "connection factory");
    }

    @Override
    public Object createConnectionFactory(ConnectionManager manager) {
        return new JcaConnectionFactory(this, manager);
    }

    /** For use without a server: connections that are not pooled and take part in no transaction but their own. */
    @Override
    public Object createConnectionFactory() {
        return new JcaConnectionFactory(this, new UnpooledConnections());
    }

    @Override
    public ManagedConnection createManagedConnection(@Nullable Subject subject, @Nullable ConnectionRequestInfo info)
            throws ResourceException {
        RaidResourceAdapter owner = adapter;
        if (owner == null) {
            throw new IllegalStateException("the connection factory belongs to no resource adapter");
        }
        return new RaidManagedConnection(owner.served(array()), this);
    }

    /** Whether the calling thread is in a JTA transaction that goes on. */
    boolean isInTransaction() {
        RaidResourceAdapter owner = adapter;
        return owner != null && owner.isInTransaction();
    }

    /** A server has given no connection: whoever looks for the reason finds in the log which ones are open. */
    void notGiven(ResourceException reason) {
        RaidResourceAdapter owner = adapter;
        if (owner == null) {
            return;
        }
        try {
            owner.served(array()).connections().notGiven(String.valueOf(reason.getMessage()));
        } catch (ResourceException e) {
            // There is no such array, or none at all: that is the reason.
        }
    }

    @Override
    public @Nullable ManagedConnection matchManagedConnections(
            @SuppressWarnings("rawtypes") Set candidates,
            @Nullable Subject subject,
            @Nullable ConnectionRequestInfo info) {
        for (Object candidate : candidates) {
            if (candidate instanceof RaidManagedConnection connection
                    && connection.isMadeBy(this)
                    && connection.isValid()) {
                return connection;
            }
        }
        return null;
    }

    /** Those whose array has been closed. Asks nobody, so it takes no time. */
    @Override
    @SuppressWarnings("rawtypes")
    public Set getInvalidConnections(Set candidates) {
        Set<Object> invalid = new HashSet<>();
        for (Object candidate : candidates) {
            if (candidate instanceof RaidManagedConnection connection && !connection.isValid()) {
                invalid.add(candidate);
            }
        }
        return invalid;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) {
        logWriter = out;
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return logWriter;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RaidManagedConnectionFactory that
                && array().equals(that.array())
                && Objects.equals(adapter, that.adapter);
    }

    @Override
    public int hashCode() {
        return array().hashCode();
    }

    /** As configurations have it. */
    private String array() {
        return arrayName.toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return "connections to array " + arrayName;
    }
}
