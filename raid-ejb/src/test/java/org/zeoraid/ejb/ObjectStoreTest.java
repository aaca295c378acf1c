package org.zeoraid.ejb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import javax.naming.Reference;
import org.junit.jupiter.api.Test;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.pickle.BlobRecords;

class ObjectStoreTest {

    private final List<String> calls = new ArrayList<>();
    private byte[] stored = {};

    @Test
    void aBlobsRecordIsOneThatMembersKnow() {
        store().storeBlob(new Oid(1), new ByteArrayInputStream(new byte[3]));

        assertThat(BlobRecords.isBlob(stored)).isTrue();
    }

    @Test
    void everyConnectionIsGivenBack() {
        store().newOid();
        assertThat(store().find(new Oid(1))).isEmpty();

        assertThat(calls).containsExactly("newOid", "close", "load", "close");
    }

    @Test
    void aFactoryThatGivesNoConnectionIsLookedUpAnew() {
        List<String> looked = new ArrayList<>();
        ArrayAccess access = new ArrayAccess(name -> {
            looked.add(name);
            return looked.size() == 1 ? new Gone() : factory(connection());
        });
        assertThatThrownBy(() -> access.connect("raid/main")).isInstanceOf(StorageUnavailableException.class);
        access.connect("raid/main").close();
        access.connect("raid/main").close();
        assertThat(looked).hasSize(2);
    }

    private static final class Gone implements RaidConnectionFactory {
        private static final long serialVersionUID = 1;

        @Override
        public RaidConnection getConnection() {
            throw new StorageUnavailableException("the resource adapter is not running");
        }

        @Override
        public void setReference(Reference reference) {}

        @Override
        public Reference getReference() {
            throw new UnsupportedOperationException();
        }
    }

    private ObjectStore store() {
        RaidConnectionFactory factory = factory(connection());
        ObjectStore store = new ObjectStore();
        store.arrays = new ArrayAccess(name -> factory) {
            @Override
            public RaidConnection connect() {
                return connect("raid/main");
            }
        };
        return store;
    }

    private static RaidConnectionFactory factory(RaidConnection connection) {
        return (RaidConnectionFactory) Proxy.newProxyInstance(
                ObjectStoreTest.class.getClassLoader(),
                new Class<?>[] {RaidConnectionFactory.class},
                (proxy, method, arguments) -> connection);
    }

    private RaidConnection connection() {
        ClassLoader loader = ObjectStoreTest.class.getClassLoader();
        return (RaidConnection)
                Proxy.newProxyInstance(loader, new Class<?>[] {RaidConnection.class}, (proxy, method, arguments) -> {
                    calls.add(method.getName());
                    switch (method.getName()) {
                        case "load":
                            throw new ObjectNotFoundException((Oid) arguments[0]);
                        case "storeBlob":
                            stored = (byte[]) arguments[1];
                            return null;
                        case "newOid":
                            return new Oid(5);
                        default:
                            return null;
                    }
                });
    }
}
