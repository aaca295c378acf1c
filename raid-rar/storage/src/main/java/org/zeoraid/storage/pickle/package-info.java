/** Looks into object records without building the objects: what they reference, whether they are blobs. */
@NullMarked
package org.zeoraid.storage.pickle;

import org.jspecify.annotations.NullMarked;
