using static PciBus.Management.Configuration.SettingKind;

namespace PciBus.Management.Configuration;

/// <summary>The settings of management: whatever reads, checks, lists or describes settings does so by this table.</summary>
internal static class SettingDefinitions
{
    public static IReadOnlyList<SettingDefinition> All { get; } =
    [
        new("database.provider", "sqlite", SettingCategory.Database, OneOf("sqlite", "postgresql", "sqlserver"), "the engine of the database; with sqlite it is a file of the data folder"),
        new("database.connection", "", SettingCategory.Database, Text("Host=HOST;Database=NAME;Username=USER;Password=PASSWORD"), "where PostgreSQL is; not on the command line, which everybody on a machine can read") { IsSecret = true },

        new("bus.address", "", SettingCategory.Bus, Broker, "the broker; without one the bus is in this process, with simulated hosts on it") { IsSecret = true },

        new("integration.api.port", "8096", SettingCategory.Api, Port, "where this machine calls as the administrator, without a signature"),
        new("api.port", "8080", SettingCategory.Api, Port, "where signed calls come in"),
        new("api.address", "127.0.0.1", SettingCategory.Api, Address, "the address that signed calls come to"),

        new("ping.interval", "10", SettingCategory.Hosts, Seconds(), "how often agents ping"),
        new("ping.timeout", "2.5", SettingCategory.Hosts, Decimal(1, 1000), "after how many ping intervals without a word a host is asked whether it is there; one more, and it is in Alert"),
        new("alert.wait", "1800", SettingCategory.Hosts, Seconds(), "how long a host may be Disconnected before it is in Alert"),
        new("agent.return.time", "30", SettingCategory.Hosts, Seconds(), "how long agents may take to come back after the broker or management was away"),
        new("cpu.overprovisioning.factor", "1.0", SettingCategory.Hosts, Decimal(0.1m, 100), "how many times its CPU a host may give away"),

        new("start.retry", "10", SettingCategory.VirtualMachines, Whole(1, 1000), "hosts that a start tries before it gives up"),
        new("restart.retry.interval", "600", SettingCategory.VirtualMachines, Seconds(), "how long after a failed restart a highly available virtual machine is started again"),
        new("command.timeout", "120", SettingCategory.VirtualMachines, Seconds(), "how long a host may take to start, reboot or check"),
        new("stop.timeout", "60", SettingCategory.VirtualMachines, Seconds(), "how long a guest may take to shut down"),
        new("check.interval", "5", SettingCategory.VirtualMachines, Seconds(), "how soon a host that could not say is asked again"),
        new("vm.job.timeout", "600", SettingCategory.VirtualMachines, Seconds(), "after how long a job ends although its host has not spoken"),
    ];
}
