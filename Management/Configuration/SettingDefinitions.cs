using static PciBus.Management.Configuration.SettingKind;

namespace PciBus.Management.Configuration;

/// <summary>The settings of management, but for the intervals of reconciliation jobs, which stand with the jobs.</summary>
internal static class SettingDefinitions
{
    public static IReadOnlyList<SettingDefinition> All { get; } =
    [
        new("database.provider", "sqlite", SettingCategory.Database, OneOf("sqlite", "postgresql", "sqlserver"), "the engine of the database; with sqlite it is a file of the data folder"),
        new("database.connection", "", SettingCategory.Database, Text("Host=HOST;Database=NAME;Username=USER;Password=PASSWORD for PostgreSQL, Server=HOST;Database=NAME;User ID=USER;Password=PASSWORD for SQL Server"), "where PostgreSQL or SQL Server is; not on the command line, which everybody on a machine can read") { IsSecret = true },

        new("bus.address", "", SettingCategory.Bus, Broker, "the broker; without one the bus is in this process, with simulated hosts on it") { IsSecret = true },
        new("bus.agents.address", "", SettingCategory.Bus, Broker, "the broker as hosts reach it; they are told it when they join, each with its own user. Default: bus.address") { IsSecret = true },
        new("bus.management.address", "", SettingCategory.Bus, Web, "the HTTP API of the broker's management plugin, with a user that may make users, and has permissions in the virtual host: hosts that join get one each") { IsSecret = true },
        new("bus.tls.ca", "", SettingCategory.Bus, PemFile, "the authorities of the broker's certificate; default: those of the machine. Hosts that join are told them"),
        new("bus.tls.certificate", "", SettingCategory.Bus, PemFile, "management's own certificate, for a broker that asks for one"),
        new("bus.tls.key", "", SettingCategory.Bus, PemFile, "its key; default: in the certificate's file"),
        new("bus.retry.times", "5", SettingCategory.Bus, Whole(1, 100), "how often management tries a message that failed again, before the broker delivers it anew; after five deliveries it is a dead letter"),
        new("bus.retry.pause", "2", SettingCategory.Bus, Seconds(0.1m), "the longest pause between two of these tries; the first pauses are shorter"),
        new("host.admission", "joined", SettingCategory.Bus, OneOf("joined", "open"), "which hosts are heard: joined, those that joined, each by its own user on the broker; open, any that announces itself: whoever reaches the broker is trusted"),

        new("integration.api.port", "8096", SettingCategory.Api, Port, "where this machine calls as the administrator, without a signature"),
        new("api.port", "8080", SettingCategory.Api, Port, "where signed calls come in"),
        new("api.tls.certificate", "", SettingCategory.Api, PemFile, "makes the API port HTTPS; certificates that lead to an authority follow the server's in the file"),
        new("api.tls.key", "", SettingCategory.Api, PemFile, "its key; default: in the certificate's file"),
        new("api.throttling.max", "100", SettingCategory.Api, Whole(0, 1_000_000), "how many signed calls one address makes within api.throttling.interval; 0 is no limit"),
        new("api.throttling.interval", "1", SettingCategory.Api, Seconds(0.1m), "the time in which they are counted"),
        new("api.address", "127.0.0.1", SettingCategory.Api, Address, "the address that signed calls come to"),
        new("prometheus.exporter.allowed.ips", "127.0.0.1", SettingCategory.Api, Addresses, "from where /metrics of the API port is read"),

        new("ping.interval", "10", SettingCategory.Hosts, Seconds(), "how often agents ping"),
        new("ping.timeout", "2.5", SettingCategory.Hosts, Decimal(1, 1000), "after how many ping intervals without a word a host is asked whether it is there; one more, and it is in Alert"),
        new("alert.wait", "1800", SettingCategory.Hosts, Seconds(), "how long a host may be Disconnected before it is in Alert"),
        new("agent.return.time", "30", SettingCategory.Hosts, Seconds(), "how long agents may take to come back after the broker or management was away"),
        new("fencing.command", "", SettingCategory.Hosts, Command, "powers off a host that is not heard; exit code 0 says that it is off") { IsSecret = true },
        new("fencing.command.<guid>", "", SettingCategory.Hosts, Command, "the same for one host; empty: it is never fenced") { IsSecret = true },
        new("fencing.timeout", "60", SettingCategory.Hosts, Seconds(), "when a fencing command that has not ended is killed"),
        new("fencing.retry.interval", "60", SettingCategory.Hosts, Seconds(), "how long after a fencing command that failed it is run again"),
        new("fencing.limit", "3", SettingCategory.Hosts, Whole(1, 1000), "of a cluster in which more hosts than this are not heard, or more than half of them, none is fenced"),
        new("cpu.overprovisioning.factor", "1.0", SettingCategory.Hosts, Decimal(0.1m, 100), "how many times its CPU a host may give away"),

        new("migrate.detach.wait", "30", SettingCategory.VirtualMachines, Seconds(), "how long a guest may take to let go of its PCI devices, where its offering does not say"),
        new("migrate.wait", "3600", SettingCategory.VirtualMachines, Seconds(), "after how long a live migration that has not ended is given up, where its offering does not say"),
        new("maintenance.parallel", "2", SettingCategory.Hosts, Whole(1, 100), "virtual machines that leave a host at once when it is emptied for maintenance"),
        new("maintenance.attempts", "3", SettingCategory.Hosts, Whole(1, 100), "how often it is tried to move a virtual machine away for maintenance before that counts as failed"),
        new("maintenance.retry.interval", "30", SettingCategory.Hosts, Seconds(), "after a failed move for maintenance: when it is tried again; twice as long after each further failure"),
        new("maintenance.speed", "1000", SettingCategory.VirtualMachines, Whole(1, 1_000_000), "MiB of RAM that a migration copies in a second: planHostMaintenance guesses by it how long devices are away"),
        new("migrate.vm.across.clusters", "false", SettingCategory.VirtualMachines, OneOf("true", "false"), "whether virtual machines may be migrated to hosts of other clusters of the zone"),
        new("start.retry", "10", SettingCategory.VirtualMachines, Whole(1, 1000), "hosts that a start tries before it gives up"),
        new("restart.retry.interval", "600", SettingCategory.VirtualMachines, Seconds(), "how long after a failed restart a highly available virtual machine is started again"),
        new("repair.retry.interval", "60", SettingCategory.VirtualMachines, Seconds(), "how long after a failed attempt a virtual machine that lacks a PCI device is given it again; each time twice as long, up to 16 times"),
        new("command.timeout", "120", SettingCategory.VirtualMachines, Seconds(), "how long a host may take to start, reboot or check"),
        new("stop.timeout", "60", SettingCategory.VirtualMachines, Seconds(), "how long a guest may take to shut down"),
        new("check.interval", "5", SettingCategory.VirtualMachines, Seconds(), "how soon a host that could not say is asked again"),
        new("vm.job.timeout", "600", SettingCategory.VirtualMachines, Seconds(), "after how long a job ends although its host has not spoken"),

        new("event.purge.delay", "90", SettingCategory.Reconciliation, Days, "how long events are kept"),
        new("alert.purge.delay", "90", SettingCategory.Reconciliation, Days, "how long alerts are kept after they were resolved"),
        new("job.purge.delay", "30", SettingCategory.Reconciliation, Days, "how long jobs are kept after they ended"),
        new("pci.device.history.purge.delay", "365", SettingCategory.Reconciliation, Days, "how long the history of devices is kept"),
        new("host.join.token.purge.delay", "30", SettingCategory.Reconciliation, Days, "how long join tokens are kept after they expired"),
    ];
}
