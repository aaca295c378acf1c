/**
 * Two-phase commit over any transaction log: locks, conflicts, undo, tids and the order of commits are decided here,
 * once.
 */
@NullMarked
package org.zeoraid.storage.commit;

import org.jspecify.annotations.NullMarked;
