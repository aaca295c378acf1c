/**
 * Session beans for applications and admins: {@link org.zeoraid.ejb.ObjectStore} and {@link org.zeoraid.ejb.Names} for
 * objects in the caller's transaction, {@link org.zeoraid.ejb.ConflictRetry} for work that is done again after a
 * conflict, {@link org.zeoraid.ejb.ArrayControl} for the administration of arrays, guarded by roles. An application takes
 * this jar into its WEB-INF/lib; the interfaces come from the resource adapter.
 */
@NullMarked
package org.zeoraid.ejb;

import org.jspecify.annotations.NullMarked;
