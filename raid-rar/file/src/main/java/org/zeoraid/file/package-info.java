/**
 * A member in the format of ZODB's file storage: one {@code Data.fs} that Python could go on with, and beside it, ours,
 * checksums and a saved index. See {@code docs/decisions/torn-writes.md} for how a crash is survived.
 */
@NullMarked
package org.zeoraid.file;

import org.jspecify.annotations.NullMarked;
