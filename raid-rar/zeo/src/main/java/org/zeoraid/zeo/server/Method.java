package org.zeoraid.zeo.server;

import org.zeoraid.zeo.codec.Message;

/** What is done when a client calls a method; on its connection's event loop. What it throws is the error reply. */
@FunctionalInterface
interface Method {

    void call(Session session, Message request, Arguments arguments);

    /** Where the methods of one kind are entered. */
    @FunctionalInterface
    interface Registry {
        void add(String name, Method method);
    }
}
