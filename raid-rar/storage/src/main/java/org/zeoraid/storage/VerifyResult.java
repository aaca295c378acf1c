package org.zeoraid.storage;

import java.util.List;

/**
 * What a verification found.
 *
 * @param transactions how many were read
 * @param records how many data records were read
 * @param unverified records that were read whole but for which no checksum is known
 * @param damages each with its place; empty if all is well
 */
public record VerifyResult(long transactions, long records, long unverified, List<String> damages) {

    public VerifyResult {
        damages = List.copyOf(damages);
    }

    public boolean isSound() {
        return damages.isEmpty();
    }
}
