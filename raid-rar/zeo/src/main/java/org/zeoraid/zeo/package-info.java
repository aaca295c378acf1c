/** The ZEO 5 protocol: what its client and its server share. */
@NullMarked
package org.zeoraid.zeo;

import org.jspecify.annotations.NullMarked;
