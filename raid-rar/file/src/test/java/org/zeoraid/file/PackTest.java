package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackRequest.Garbage;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;

class PackTest {

    static final Path FILE = Path.of("/data/Data.fs");

    private final FaultDisk disk = new FaultDisk();
    private final SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);

    @Test
    void packsARealDatabaseToTheSameBytesAsPython() throws IOException {
        disk.put(FILE, fixture("history.fs"));
        FileLog log = FileLog.open(FileOptions.of("m", FILE), environment);

        PackResult result = environment.await(log.pack(new PackRequest(Tid.MAX, Garbage.COLLECT)));
        log.close();

        assertThat(disk.contents(FILE)).isEqualTo(fixture("packed.fs"));
        assertThat(disk.contents(Path.of("/data/Data.fs.old"))).startsWith(fixture("history.fs"));
        assertThat(result.bytesAfter()).isEqualTo(fixture("packed.fs").length);
        assertThat(disk.list(FILE.getParent()))
                .isEqualTo(List.of("Data.fs", "Data.fs.crc", "Data.fs.idx", "Data.fs.old", "Data.fs.raidlock"));
    }

    static byte[] fixture(String name) throws IOException {
        try (InputStream in = PackTest.class.getResourceAsStream("/zodb/" + name)) {
            return in.readAllBytes();
        }
    }
}
