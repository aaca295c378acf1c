/**
 * Serves any {@link org.zeoraid.storage.Storage} to ZEO 5 clients, Python's above all.
 *
 * <p>Everything of a connection happens on its event loop, one thing at a time: there is no lock. What other threads
 * have to tell it, invalidations above all, comes through a queue that is emptied before anything else is written, so
 * that no reply can show a client what it has not been told of.
 */
@NullMarked
package org.zeoraid.zeo.server;

import org.jspecify.annotations.NullMarked;
