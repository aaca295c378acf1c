/** Looks at the arrays on behalf of others: pages that follow changes, health, metrics. */
@NullMarked
package org.zeoraid.web.watch;

import org.jspecify.annotations.NullMarked;
