/**
 * From a configuration file in the dialect of zeo.conf to open arrays. {@link org.zeoraid.config.RaidConfiguration} is the
 * way in.
 */
@NullMarked
package org.zeoraid.config;

import org.jspecify.annotations.NullMarked;
