/** Asks a running server about its arrays, and to change them, over ZEO's protocol. */
@NullMarked
package org.zeoraid.raidctl.call;

import org.jspecify.annotations.NullMarked;
