/**
 * Messages of the ZEO 5 protocol as bytes and back, in both of its encodings. What a peer sent becomes plain values and
 * inert {@link PythonObject}s: no class is ever looked up by a name from the wire, and every length is checked against
 * the bytes at hand before anything is allocated.
 *
 * <p>Values: null, {@link java.lang.Boolean}, {@link java.lang.Long}, {@link java.math.BigInteger}, {@link
 * java.lang.Double}, {@link java.lang.String}, {@code byte[]}, {@link Tuple} (a {@link java.util.List} that Python sees
 * as a tuple), any other {@link java.util.List}, {@link java.util.Map}.
 */
@NullMarked
package org.zeoraid.zeo.codec;

import org.jspecify.annotations.NullMarked;
