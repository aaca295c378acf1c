package org.zeoraid.adapter;

import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static javax.transaction.xa.XAResource.XA_RDONLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.resource.ResourceException;
import java.nio.file.Path;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;

/**
 * The anomalies that Hermitage (github.com/ept/hermitage) tries with databases, by Adya's names. There are no queries here; what
 * stands for one is an object with a list of others.
 */
class AnomaliesTest {
    private static final Oid X = new Oid(1);
    private static final Oid Y = new Oid(2);
    private static final Oid LIST = new Oid(3);

    @TempDir
    Path folder;

    private MemoryArray array;
    private Work one;
    private Work two;
    private Work three;

    @BeforeEach
    void open() {
        array = new MemoryArray(folder);
        RaidConnection first = array.handle(array.connect());
        first.store(X, MemoryArray.bytes("10"));
        first.store(Y, MemoryArray.bytes("20"));
        first.store(LIST, MemoryArray.bytes("x y"));
        one = new Work("one");
        two = new Work("two");
        three = new Work("three");
    }

    @AfterEach
    void close() {
        array.close();
    }

    /** A branch with a connection of its own. */
    private final class Work {
        private final Xid xid;
        private final XAResource xa;
        private final RaidConnection connection;

        Work(String name) {
            xid = new TestXid(name, "b");
            RaidManagedConnection managed = array.connect();
            try {
                xa = managed.getXAResource();
                xa.start(xid, TMNOFLAGS);
            } catch (ResourceException | XAException e) {
                throw new AssertionError(e);
            }
            connection = array.handle(managed);
        }

        String sees(Oid oid) {
            return MemoryArray.text(connection.load(oid).data());
        }

        void writes(Oid oid, String value) {
            connection.store(oid, MemoryArray.bytes(value));
        }

        void prepares() throws XAException {
            xa.end(xid, TMSUCCESS);
            xa.prepare(xid);
        }

        void commits() throws XAException {
            xa.end(xid, TMSUCCESS);
            if (xa.prepare(xid) != XA_RDONLY) {
                xa.commit(xid, false);
            }
        }

        void conflicts() {
            assertThatThrownBy(this::commits)
                    .isInstanceOf(XAException.class)
                    .hasCauseInstanceOf(ConflictException.class);
        }
    }

    private void assertLeft(String x, String y) {
        assertThat(array.current(X)).isEqualTo(x);
        assertThat(array.current(Y)).isEqualTo(y);
    }

    @Test
    void writesDoNotMix() throws Exception { // G0
        one.writes(X, "11");
        two.writes(X, "12");
        one.writes(Y, "21");
        two.writes(Y, "22");

        one.commits();
        two.conflicts();

        assertLeft("11", "21");
    }

    @Test
    void nobodySeesWhatIsRolledBackAlsoIfItWasPrepared() throws Exception { // G1a
        one.writes(X, "101");
        assertThat(two.sees(X)).isEqualTo("10");
        one.prepares();
        assertThat(three.sees(X)).isEqualTo("10");
        one.xa.rollback(one.xid);

        assertThat(two.sees(X)).isEqualTo("10");
        assertThat(three.sees(X)).isEqualTo("10");
        assertLeft("10", "20");
    }

    @Test
    void nobodySeesWhatIsOverwrittenBeforeTheCommit() throws Exception { // G1b
        one.writes(X, "101");
        assertThat(two.sees(X)).isEqualTo("10");
        one.writes(X, "11");
        one.commits();

        assertThat(two.sees(X)).isEqualTo("10");
        assertThat(three.sees(X)).isEqualTo("11");
    }

    @Test
    void informationDoesNotFlowInACircle() throws Exception { // G1c
        one.writes(X, "11");
        two.writes(Y, "22");
        assertThat(one.sees(Y)).isEqualTo("20");
        assertThat(two.sees(X)).isEqualTo("10");

        one.commits();
        two.commits();

        assertLeft("11", "22");
    }

    @Test
    void whatWasSeenDoesNotVanish() throws Exception { // OTV
        one.writes(X, "11");
        one.writes(Y, "19");
        two.writes(X, "12");
        one.commits();
        assertThat(three.sees(X)).isEqualTo("11");
        two.writes(Y, "18");
        assertThat(three.sees(Y)).isEqualTo("19");

        two.conflicts();

        assertThat(three.sees(Y)).isEqualTo("19");
        assertThat(three.sees(X)).isEqualTo("11");
    }

    @Test
    void aListStaysAsItWasSeen() throws Exception { // PMP
        assertThat(one.sees(LIST)).isEqualTo("x y");
        Oid created = two.connection.create(MemoryArray.bytes("30"));
        two.writes(LIST, "x y z");
        two.commits();

        assertThat(one.sees(LIST)).isEqualTo("x y");
        assertThatThrownBy(() -> one.sees(created)).isInstanceOf(ObjectNotFoundException.class);
    }

    @Test
    void aListThatSomebodyElseChangedMeanwhileIsNotOverwritten() throws Exception { // PMP, written
        one.writes(LIST, "x y z");
        assertThat(two.sees(LIST)).isEqualTo("x y");
        one.commits();
        two.writes(LIST, "");

        two.conflicts();

        assertThat(array.current(LIST)).isEqualTo("x y z");
    }

    @Test
    void noUpdateIsLost() throws Exception { // P4
        assertThat(one.sees(X)).isEqualTo("10");
        assertThat(two.sees(X)).isEqualTo("10");
        one.writes(X, "11");
        two.writes(X, "12");

        one.commits();
        two.conflicts();

        assertLeft("11", "20");
    }

    @Test
    void readsDoNotSkew() throws Exception { // G-single
        assertThat(one.sees(X)).isEqualTo("10");
        two.writes(X, "12");
        two.writes(Y, "18");
        two.commits();

        assertThat(one.sees(Y)).isEqualTo("20");
        assertThat(one.sees(X)).isEqualTo("10");
    }

    @Test
    void nothingIsWrittenOverWhatCameAfterTheSnapshot() throws Exception { // G-single, written
        assertThat(one.sees(X)).isEqualTo("10");
        two.writes(X, "12");
        two.writes(Y, "18");
        two.commits();
        one.writes(Y, "0");

        one.conflicts();

        assertLeft("12", "18");
    }

    @Test
    void writesSkewUnlessWhatTheyRelyOnIsChecked() throws Exception { // G2-item
        assertThat(one.sees(Y)).isEqualTo("20");
        assertThat(two.sees(X)).isEqualTo("10");
        one.writes(X, "11");
        two.writes(Y, "21");

        one.commits();
        two.commits();

        assertLeft("11", "21");
    }

    @Test
    void checkedReadsDoNotLetWritesSkew() throws Exception { // G2-item
        one.connection.checkCurrent(Y);
        two.connection.checkCurrent(X);
        one.writes(X, "11");
        two.writes(Y, "21");

        one.commits();
        two.conflicts();

        assertLeft("11", "20");
    }

    @Test
    void aCheckedListDoesNotLetWhatIsAddedToItSkew() throws Exception { // G2
        one.connection.checkCurrent(LIST);
        two.writes(LIST, "x y z");
        one.writes(X, "2");

        two.commits();
        one.conflicts();

        assertLeft("10", "20");
    }
}
