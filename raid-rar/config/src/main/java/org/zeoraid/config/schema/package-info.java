/** What may stand in a section: its keys with their kinds of values and defaults, and the sections inside it. */
@NullMarked
package org.zeoraid.config.schema;

import org.jspecify.annotations.NullMarked;
