/** Starts Payara Micro with the resource adapter, the admin page and the configured arrays, and stops it again. */
@NullMarked
package org.zeoraid.run;

import org.jspecify.annotations.NullMarked;
