/**
 * The world outside, handed in: time, randomness, threads and files. The system's own in production, a simulated one in
 * tests.
 */
@NullMarked
package org.zeoraid.storage.seam;

import org.jspecify.annotations.NullMarked;
