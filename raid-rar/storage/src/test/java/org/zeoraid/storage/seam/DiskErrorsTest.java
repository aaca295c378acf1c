package org.zeoraid.storage.seam;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class DiskErrorsTest {

    @Test
    void anErrorThatIsNothingButAPathSaysWhatIsInTheWayAndWhatToDo() {
        assertThat(DiskErrors.text(new FileAlreadyExistsException("/data/a")))
                .startsWith("/data/a is in the way")
                .contains("move it away, or configure another path");
        assertThat(DiskErrors.text(new NoSuchFileException("/data/a")))
                .isEqualTo("there is no /data/a: is its disk mounted?");
        assertThat(DiskErrors.text(new AccessDeniedException("/data/a"))).contains("owner and mode");
    }

    @Test
    void whatAnErrorSaysOfItselfIsKept() {
        assertThat(DiskErrors.text(new FileSystemException("/data/a", null, "Stale file handle")))
                .isEqualTo("/data/a: Stale file handle");
        assertThat(DiskErrors.text(new IOException("input/output error"))).isEqualTo("input/output error");
        assertThat(DiskErrors.text(new IOException())).isEqualTo("IOException");
    }
}
