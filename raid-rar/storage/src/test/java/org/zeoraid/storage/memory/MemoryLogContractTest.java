package org.zeoraid.storage.memory;

import java.nio.file.Path;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.contract.TransactionLogContract;

/** The log in memory against the contract of every member. */
class MemoryLogContractTest extends TransactionLogContract {

    @Override
    protected MemberSource member(Path folder) {
        return MemoryMember.named("memory");
    }
}
