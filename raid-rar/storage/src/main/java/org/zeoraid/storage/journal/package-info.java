/**
 * The journal of prepared transactions: what must be known after a crash of each branch between its vote and its decision. It
 * lies in several folders at once; the newest copy that can be read counts.
 */
@NullMarked
package org.zeoraid.storage.journal;

import org.jspecify.annotations.NullMarked;
