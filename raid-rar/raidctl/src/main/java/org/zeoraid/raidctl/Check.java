package org.zeoraid.raidctl;

/** A command that tells of a state: its exit code is a check's, and 3 where nothing can be said. */
public interface Check {}
