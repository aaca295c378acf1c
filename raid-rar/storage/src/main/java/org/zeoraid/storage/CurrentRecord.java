package org.zeoraid.storage;

/** The current revision of an object, as an iteration over all of them gives it. */
public record CurrentRecord(Oid oid, Tid serial, byte[] data) {}
