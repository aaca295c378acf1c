package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.TransactionLog;

/** What every kind of member does. A kind extends this, says how to open one, and what it lacks by its nature. */
@Timeout(120)
public abstract class TransactionLogContract
        implements AppendContract, LogReadContract, TailContract, LogPackContract, EqualLogsContract {

    @TempDir
    Path temporary;

    private MemberSource member;
    private TransactionLog log;

    /** A member that lies in a folder, or belongs to it in another way. Opened and closed several times. */
    protected abstract MemberSource member(Path folder) throws Exception;

    @Override
    public boolean hasBlobs() {
        return true;
    }

    @Override
    public boolean keepsLinks() {
        return true;
    }

    @Override
    public boolean canBeCut() {
        return true;
    }

    @Override
    public boolean hasPack() {
        return true;
    }

    @Override
    public boolean tellsPackDecisions() {
        return true;
    }

    @BeforeEach
    final void openLog() throws Exception {
        member = member(temporary.resolve("member"));
        log = await(member.open());
    }

    @AfterEach
    final void closeLog() {
        log.close();
    }

    @Override
    public final TransactionLog log() {
        return log;
    }

    @Override
    public final TransactionLog reopen() {
        log.close();
        log = await(member.open());
        return log;
    }

    @Test
    final void aMemberSaysWhatItIs() {
        assertThat(member.name()).isNotBlank();
        assertThat(member.kind()).isNotBlank();
        assertThat(member.location()).isNotBlank();
    }
}
