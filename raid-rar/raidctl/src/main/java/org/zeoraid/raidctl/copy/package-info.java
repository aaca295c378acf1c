/** Copies of whole histories: between files, arrays and ZEO servers, with the tids that they have. */
@NullMarked
package org.zeoraid.raidctl.copy;

import org.jspecify.annotations.NullMarked;
