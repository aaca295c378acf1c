/** Serves the arrays of a configuration without an application server. */
@NullMarked
package org.zeoraid.raidctl.serve;

import org.jspecify.annotations.NullMarked;
