/**
 * The text of a configuration: lines, sections, definitions and inclusions, in the syntax of <a
 * href="https://zconfig.readthedocs.io/en/latest/using-zconfig.html">ZConfig</a>. What the words mean is settled elsewhere.
 */
@NullMarked
package org.zeoraid.config.syntax;

import org.jspecify.annotations.NullMarked;
