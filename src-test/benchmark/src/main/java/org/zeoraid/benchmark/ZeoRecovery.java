package org.zeoraid.benchmark;

import static org.zeoraid.benchmark.Bed.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.zeoraid.array.ArrayConfiguration;
import org.zeoraid.array.ArrayOptions;
import org.zeoraid.array.FailMode;
import org.zeoraid.array.RaidArray;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.zeo.client.ZeoMember;
import org.zeoraid.zeo.client.ZeoOptions;

/** Recovery of an empty file member out of a server. */
final class ZeoRecovery {

    private ZeoRecovery() {}

    /**
     * Records in a second, from the order to rebuild until the member is optimal.
     *
     * @param records all that the server's storage has
     */
    static double rate(Path folder, ZeoTarget target, long records) throws Exception {
        try (Bed bed = new Bed(folder)) {
            MemberSource server =
                    new ZeoMember(ZeoOptions.of("a", target.storage(), target.address()), bed.environment());
            List<MemberSource> members = new ArrayList<>(List.of(server));
            AtomicReference<ArrayConfiguration> configuration = new AtomicReference<>(of(folder, members));
            RaidArray array = bed.array(configuration::get);
            members.add(bed.memberWithBlobs(folder.resolve("b")));
            configuration.set(of(folder, members));
            await(array.reload());
            long start = System.nanoTime();
            await(array.rebuild("b"));
            Recovery.awaitOptimal(array);
            return records / ((System.nanoTime() - start) / 1e9);
        }
    }

    private static ArrayConfiguration of(Path folder, List<MemberSource> members) {
        return new ArrayConfiguration(
                "main", members, folder.resolve("state"), FailMode.CLOSE, false, ArrayOptions.DEFAULT);
    }
}
