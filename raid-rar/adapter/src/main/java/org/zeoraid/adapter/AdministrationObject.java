package org.zeoraid.adapter;

import jakarta.resource.Referenceable;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.AdministeredObject;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterAssociation;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import javax.naming.Reference;
import org.jspecify.annotations.Nullable;
import org.zeoraid.api.RaidAdministration;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.admin.ArrayAdministration;

/** The administered object: what the resource adapter's arrays offer to admins. */
@AdministeredObject(adminObjectInterfaces = RaidAdministration.class)
public final class AdministrationObject
        implements RaidAdministration, ResourceAdapterAssociation, Referenceable, Serializable {
    private static final long serialVersionUID = 1;

    /** Written with this as its settings, and read as the adapter that runs with them. */
    private @Nullable RaidResourceAdapter adapter;

    private @Nullable Reference reference;

    @Override
    public List<String> arrays() {
        return owner().arrayNames();
    }

    @Override
    public ArrayAdministration array(String name) {
        return owner().administration(name);
    }

    @Override
    public @Nullable ResourceAdapter getResourceAdapter() {
        return adapter;
    }

    @Override
    public void setResourceAdapter(ResourceAdapter owner) throws ResourceException {
        adapter = RaidResourceAdapter.associated(adapter, owner, "administration");
    }

    @Override
    public void setReference(@Nullable Reference reference) {
        this.reference = reference;
    }

    @Override
    public @Nullable Reference getReference() {
        return reference;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AdministrationObject that && Objects.equals(adapter, that.adapter);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(adapter);
    }

    private RaidResourceAdapter owner() {
        RaidResourceAdapter owner = adapter;
        if (owner == null) {
            throw new StorageUnavailableException("the administration belongs to no resource adapter");
        }
        return owner;
    }
}
