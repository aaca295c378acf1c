/**
 * Arrays as resources of a Jakarta EE server, after Jakarta Connectors 2.1. The {@link
 * org.zeoraid.adapter.RaidResourceAdapter} opens the arrays and owns them; a managed connection is only a way to one of
 * them, and what a transaction has read and written lies in a {@link org.zeoraid.adapter.UnitOfWork} that all
 * connections of that transaction share.
 *
 * <p>Locks, always taken in this order: a branch, its unit of work. The map of branches is locked for itself only.
 */
@NullMarked
package org.zeoraid.adapter;

import org.jspecify.annotations.NullMarked;
