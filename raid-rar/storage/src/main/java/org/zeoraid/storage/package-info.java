/** What a storage is: oids, tids, records, the storage interfaces and their errors. */
@NullMarked
package org.zeoraid.storage;

import org.jspecify.annotations.NullMarked;
