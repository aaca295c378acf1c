/**
 * A ZEO server, Python's or ours, as a member of an array: one connection, opened by {@link
 * org.zeoraid.zeo.client.ZeoMember} and given up as a whole when anything about it fails.
 */
@NullMarked
package org.zeoraid.zeo.client;

import org.jspecify.annotations.NullMarked;
