package org.zeoraid.run;

import java.util.ArrayList;
import java.util.List;

/**
 * The command files that Payara Micro runs when it starts. The environment variables {@code RAID_DATA}, {@code RAID_CONF} and
 * {@code RAID_NODE} name the data directory, the configuration file and the server; the resource adapter lies in the server's
 * working directory.
 */
public final class CommandFiles {
    /** The command that fails where the server does not find itself by its host name and port. */
    static final String RECOVERY = "recover-transactions";

    private static final String TRANSACTIONS = "set configs.config.server-config.transaction-service.";

    private CommandFiles() {}

    /** Where the configuration comes from. */
    public enum Source {
        /** The one array {@code main} in the data directory. */
        EMBEDDED_DEFAULT,
        /** The file that {@code RAID_CONF} names. */
        FILE
    }

    /**
     * What comes before anything is deployed.
     *
     * @param zeoAddress the resource adapter's property of this name; blank if it is not set
     */
    public static List<String> preBoot(Source source, String zeoAddress) {
        String configFile = source == Source.FILE ? ":configFile=${ENV=RAID_CONF}" : "";
        String zeo = zeoAddress.isBlank() ? "" : ":zeoAddress=" + zeoAddress.replace(":", "\\:");
        return List.of(
                "create-resource-adapter-config --property dataDirectory=${ENV=RAID_DATA}" + configFile + zeo
                        + " raid-rar",
                TRANSACTIONS + "tx-log-dir=${ENV=RAID_DATA}/transactions",
                TRANSACTIONS + "property.xa-servername=${ENV=RAID_NODE}",
                // what could not be committed for ten minutes is tried again, until it can
                TRANSACTIONS + "property.pending-txn-cleanup-interval=60");
    }

    /**
     * The resource adapter, a JNDI name for each array, and then the recovery of transactions.
     *
     * @param others commands for whatever else is to be there before transactions are recovered, such as the pools of databases
     */
    public static List<String> postBoot(List<String> arrays, List<String> others) {
        List<String> commands = new ArrayList<>();
        commands.add("deploy raid-rar.rar");
        for (String array : arrays) {
            commands.add("create-connector-connection-pool --raname raid-rar"
                    + " --connectiondefinition org.zeoraid.api.RaidConnectionFactory"
                    + " --transactionsupport XATransaction --isconnectvalidatereq=true"
                    + " --steadypoolsize 1 --maxpoolsize 256"
                    + " --property arrayName=" + array + " raid-" + array);
            commands.add("create-connector-resource --poolname raid-" + array + " raid/" + array);
        }
        commands.add("create-admin-object --restype org.zeoraid.api.RaidAdministration --raname raid-rar"
                + " raid/administration");
        commands.addAll(others);
        commands.add(TRANSACTIONS + "automatic-recovery=true");
        commands.add(RECOVERY + " server");
        return List.copyOf(commands);
    }
}
