/** An array as admins see it, through whichever door: states, operations, events. */
@NullMarked
package org.zeoraid.storage.admin;

import org.jspecify.annotations.NullMarked;
