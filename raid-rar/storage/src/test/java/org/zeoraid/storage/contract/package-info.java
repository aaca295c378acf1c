/**
 * What every storage and every member must do, as tests. A room that brings a storage or a kind of member extends {@link
 * org.zeoraid.storage.contract.StorageContract} or {@link org.zeoraid.storage.contract.TransactionLogContract} and says
 * how to open it. Each bug found in one of them becomes a test here.
 */
package org.zeoraid.storage.contract;
