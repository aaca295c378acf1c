/**
 * Any bytes at all, at the frame, the codecs and the dispatcher. A build replays the corpus, which lies in the resources
 * beside each class; with {@code JAZZER_FUZZ=1} in the environment Jazzer looks for more, and what it finds is to be
 * kept there.
 */
package org.zeoraid.zeo.fuzz;
