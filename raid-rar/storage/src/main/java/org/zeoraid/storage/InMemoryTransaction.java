package org.zeoraid.storage;

import java.util.List;

record InMemoryTransaction(TransactionHeader header, List<DataRecord> records) implements CommittedTransaction {

    InMemoryTransaction {
        records = List.copyOf(records);
    }

    @Override
    public int recordCount() {
        return records.size();
    }

    @Override
    public long dataBytes() {
        long bytes = 0;
        for (DataRecord entry : records) {
            bytes += entry.data().map(data -> data.length).orElse(0);
        }
        return bytes;
    }
}
