package org.zeoraid.adapter;

import org.zeoraid.storage.StorageException;

/** The transaction took longer than its timeout and can only be rolled back. */
final class TransactionTimeoutException extends StorageException {
    TransactionTimeoutException(int seconds) {
        super("timeout", Retry.NOW, "the transaction took longer than its timeout of " + seconds + " s");
    }
}
