/** Benchmarks: what is measured, how, and what it is compared with. Run by hand: see {@code docs/performance.md}. */
@NullMarked
package org.zeoraid.benchmark;

import org.jspecify.annotations.NullMarked;
