package org.zeoraid.adapter;

import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the errors that a server hears of. */
record ErrorCount(AtomicInteger errors) implements ConnectionEventListener {
    @Override
    public void connectionClosed(ConnectionEvent event) {}

    @Override
    public void localTransactionStarted(ConnectionEvent event) {}

    @Override
    public void localTransactionCommitted(ConnectionEvent event) {}

    @Override
    public void localTransactionRolledback(ConnectionEvent event) {}

    @Override
    public void connectionErrorOccurred(ConnectionEvent event) {
        errors.incrementAndGet();
    }
}
