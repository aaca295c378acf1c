/** A member in memory: for tests, and a model that shows what every member does. */
@NullMarked
package org.zeoraid.storage.memory;

import org.jspecify.annotations.NullMarked;
