package org.zeoraid.adapter;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.Activation;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.ConfigProperty;
import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.beans.PropertyDescriptor;
import java.io.Serializable;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.zeoraid.api.RaidListener;

/** What a message-driven bean listens to. */
@Activation(messageListeners = RaidListener.class)
public final class RaidActivation implements ActivationSpec, Serializable {
    private static final long serialVersionUID = 1;

    @ConfigProperty(defaultValue = "main", description = "the name of the array, as the configuration has it")
    @NotNull @Pattern(regexp = RaidManagedConnectionFactory.NAME, message = RaidManagedConnectionFactory.NO_NAME) private String arrayName = "main";

    @ConfigProperty(
            defaultValue = "invalidations states",
            description = "what is told: invalidations, states, or both with a blank between them")
    @NotNull @Pattern(regexp = "\\s*(invalidations|states)(\\s+(invalidations|states))*\\s*")
    private String listensTo = "invalidations states";

    @ConfigProperty(
            defaultValue = "10000",
            description = "how many changed objects may wait to be told; beyond that cachesDropped is told instead")
    @NotNull @Min(1) @Max(10_000_000) private Integer capacity = 10_000;

    private transient @Nullable RaidResourceAdapter adapter;

    public String getArrayName() {
        return arrayName;
    }

    public void setArrayName(String arrayName) {
        this.arrayName = arrayName;
    }

    public String getListensTo() {
        return listensTo;
    }

    public void setListensTo(String listensTo) {
        this.listensTo = listensTo;
    }

    public Integer getCapacity() {
        return capacity;
    }

    public void setCapacity(Integer capacity) {
        this.capacity = capacity;
    }

    /** As configurations have it. */
    String array() {
        return arrayName.toLowerCase(Locale.ROOT);
    }

    boolean wantsInvalidations() {
        return listensTo.contains("invalidations");
    }

    boolean wantsStates() {
        return listensTo.contains("states");
    }

    /** For tools and servers that have no Bean Validation. */
    @Override
    public void validate() throws InvalidPropertyException {
        if (!wantsInvalidations() && !wantsStates()) {
            throw invalid("listensTo is '" + listensTo + "'; expected invalidations, states, or both", "listensTo");
        }
        if (capacity < 1) {
            throw invalid("capacity is " + capacity + "; expected at least 1", "capacity");
        }
    }

    private static InvalidPropertyException invalid(String text, String property) {
        InvalidPropertyException problem = new InvalidPropertyException(text);
        try {
            problem.setInvalidPropertyDescriptors(
                    new PropertyDescriptor[] {new PropertyDescriptor(property, RaidActivation.class)});
        } catch (java.beans.IntrospectionException e) {
            problem.addSuppressed(e);
        }
        return problem;
    }

    @Override
    public @Nullable ResourceAdapter getResourceAdapter() {
        return adapter;
    }

    @Override
    public void setResourceAdapter(ResourceAdapter owner) throws ResourceException {
        adapter = RaidResourceAdapter.associated(adapter, owner, "activation");
    }

    @Override
    public String toString() {
        return listensTo + " of array " + arrayName;
    }
}
