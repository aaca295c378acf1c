package org.zeoraid.test.listening;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
import org.zeoraid.api.RaidListener;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayStatus;

/** Notes what it is told. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "resourceAdapter", propertyValue = "raid-rar"),
            // none of these is the default, so that all can be seen to arrive
            @ActivationConfigProperty(propertyName = "arrayName", propertyValue = "Main"),
            @ActivationConfigProperty(propertyName = "listensTo", propertyValue = "states invalidations"),
            @ActivationConfigProperty(propertyName = "capacity", propertyValue = "9999")
        })
public class Ear implements RaidListener {
    static final Queue<String> HEARD = new ConcurrentLinkedQueue<>();
    static final AtomicBoolean FAILS = new AtomicBoolean();

    @Resource(lookup = "raid/main")
    private RaidConnectionFactory main;

    @Override
    public void cachesDropped(String array) {
        HEARD.add("dropped " + array);
    }

    @Override
    public void invalidated(String array, Tid tid, List<Oid> oids) {
        if (FAILS.getAndSet(false)) {
            throw new IllegalStateException("not now");
        }
        try (RaidConnection connection = main.getConnection()) {
            for (Oid oid : oids) {
                HEARD.add(tid + " " + oid + " " + connection.load(oid).data().length);
            }
        }
    }

    @Override
    public void stateChanged(ArrayStatus status) {
        HEARD.add(status.name() + " " + status.state());
    }
}
