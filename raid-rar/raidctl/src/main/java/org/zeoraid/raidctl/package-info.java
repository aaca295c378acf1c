/** {@code raidctl}: the command line of arrays. {@link org.zeoraid.raidctl.Raidctl} is the way in. */
@NullMarked
package org.zeoraid.raidctl;

import org.jspecify.annotations.NullMarked;
