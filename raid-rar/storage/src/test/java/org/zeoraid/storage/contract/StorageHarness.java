package org.zeoraid.storage.contract;

import java.nio.file.Path;
import org.zeoraid.storage.Storage;

/** What the parts of the contract of a storage work with. */
interface StorageHarness {

    /** The storage under test, empty when a test begins. */
    Storage storage();

    /** Closes the storage and opens it again; what it holds stays. */
    Storage reopen() throws Exception;

    /** A folder for what a test needs. */
    Path scratch();
}
