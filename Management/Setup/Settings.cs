using System.Globalization;
using System.Net;
using PciBus.Contracts;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.Upkeep;
using PciBus.Management.Workflows;

namespace PciBus.Management.Setup;

/// <summary>
/// Management's settings: <c>--setting NAME=VALUE</c>, or the environment as <c>PCIBUS_NAME</c> with underscores for dots.
/// Times are in seconds; how long something is kept, in days.
/// </summary>
internal sealed class Settings
{
    private static readonly Dictionary<string, string> Defaults = new(StringComparer.Ordinal)
    {
        ["database.provider"] = "sqlite",
        ["database.connection"] = "",
        ["bus.address"] = "",
        ["integration.api.port"] = "8096",
        ["api.port"] = "8080",
        ["api.address"] = "127.0.0.1",
        ["ping.interval"] = "10",
        ["ping.timeout"] = "2.5",
        ["alert.wait"] = "1800",
        ["restart.retry.interval"] = "600",
        ["agent.return.time"] = "30",
        ["cpu.overprovisioning.factor"] = "1.0",
        ["start.retry"] = "10",
        ["command.timeout"] = "120",
        ["stop.timeout"] = "60",
        ["check.interval"] = "5",
        ["vm.job.timeout"] = "600",
        ["reconciliation.interval.host.liveness"] = "5",
        ["reconciliation.interval.host.investigation"] = "5",
        ["reconciliation.interval.host.down"] = "5",
        ["reconciliation.interval.ha.restart"] = "5",
        ["reconciliation.interval.workflow.overdue"] = "1",
        ["reconciliation.interval.workflow.parked"] = "30",
        ["reconciliation.interval.workflow.orphans"] = "30",
        ["reconciliation.interval.claims"] = "10",
        ["reconciliation.interval.capacity"] = "10",
        ["reconciliation.interval.device.jobs"] = "10",
        ["reconciliation.interval.outbox"] = "2",
        ["reconciliation.interval.commit.markers"] = "60",
        ["reconciliation.interval.retention"] = "3600",
        ["event.purge.delay"] = "90",
        ["alert.purge.delay"] = "90",
        ["job.purge.delay"] = "30",
        ["pci.device.history.purge.delay"] = "365",
    };

    private readonly Dictionary<string, string> _values;

    private Settings(Dictionary<string, string> values) => _values = values;

    public static IReadOnlyCollection<string> Names => Defaults.Keys;

    /// <summary>The broker; null = the bus is in this process, with simulated hosts on it.</summary>
    public BusAddress? Bus => _values["bus.address"] is not { Length: > 0 } text
        ? null
        // The value is not shown: it has a password in it.
        : BusAddress.TryParse(text, out var address) ? address : throw new SetupException($"The setting bus.address is not {BusAddress.Form}");

    public int IntegrationApiPort => (int)Number("integration.api.port", 1, 65_535);

    /// <summary>Where signed calls come in; 0.0.0.0 is every address of this machine.</summary>
    public IPEndPoint Api => new(Address("api.address"), (int)Number("api.port", 1, 65_535));

    /// <param name="file">Of the database, when it is SQLite.</param>
    /// <exception cref="SetupException">The settings of the database are not right.</exception>
    public DatabaseOptions Database(string file) => DatabaseSetup.Options(_values["database.provider"], _values["database.connection"], file);

    public HostOptions Hosts => new()
    {
        PingInterval = Seconds("ping.interval"),
        PingTimeout = Number("ping.timeout", 1, 1000),
        AlertWait = Seconds("alert.wait"),
        RestartRetryInterval = Seconds("restart.retry.interval"),
        AgentReturnTime = Seconds("agent.return.time"),
        CpuOverprovisioningFactor = Number("cpu.overprovisioning.factor", 0.1m, 100),
    };

    public WorkflowOptions Workflows => new()
    {
        StartRetry = (int)Number("start.retry", 1, 1000),
        CommandTimeout = Seconds("command.timeout"),
        StopTimeout = Seconds("stop.timeout"),
        CheckInterval = Seconds("check.interval"),
        JobTimeout = Seconds("vm.job.timeout"),
    };

    public ReconciliationOptions Reconciliation => new()
    {
        HostLiveness = Seconds("reconciliation.interval.host.liveness"),
        HostInvestigation = Seconds("reconciliation.interval.host.investigation"),
        HostDown = Seconds("reconciliation.interval.host.down"),
        HaRestart = Seconds("reconciliation.interval.ha.restart"),
        WorkflowOverdue = Seconds("reconciliation.interval.workflow.overdue"),
        WorkflowParked = Seconds("reconciliation.interval.workflow.parked"),
        WorkflowOrphans = Seconds("reconciliation.interval.workflow.orphans"),
        Claims = Seconds("reconciliation.interval.claims"),
        Capacity = Seconds("reconciliation.interval.capacity"),
        DeviceJobs = Seconds("reconciliation.interval.device.jobs"),
        Outbox = Seconds("reconciliation.interval.outbox"),
        CommitMarkers = Seconds("reconciliation.interval.commit.markers"),
        Retention = Seconds("reconciliation.interval.retention"),
        EventPurgeDelay = Days("event.purge.delay"),
        AlertPurgeDelay = Days("alert.purge.delay"),
        JobPurgeDelay = Days("job.purge.delay"),
        PciDeviceHistoryPurgeDelay = Days("pci.device.history.purge.delay"),
    };

    /// <param name="arguments">NAME=VALUE each; they win over the environment.</param>
    /// <exception cref="SetupException">A name or a value is not right; the message says which, and what is allowed.</exception>
    public static Settings Read(IEnumerable<string> arguments, Func<string, string?> environment)
    {
        var values = new Dictionary<string, string>(Defaults, StringComparer.Ordinal);
        foreach (var name in Defaults.Keys)
        {
            if (environment($"PCIBUS_{name.Replace('.', '_').ToUpperInvariant()}") is { } value) values[name] = value;
        }

        foreach (var argument in arguments)
        {
            var parts = argument.Split('=', 2);
            if (parts.Length != 2 || !Defaults.ContainsKey(parts[0]))
            {
                throw new SetupException($"\"{parts[0]}\" is not a setting: NAME=VALUE with one of {string.Join(", ", Names)}");
            }

            values[parts[0]] = parts[1];
        }

        var settings = new Settings(values);
        _ = (settings.Database(""), settings.Bus, settings.IntegrationApiPort, settings.Api, settings.Hosts, settings.Workflows, settings.Reconciliation);
        return settings;
    }

    private TimeSpan Seconds(string name) => TimeSpan.FromSeconds((double)Number(name, 1, 86_400));

    /// <summary>0 = for ever.</summary>
    private TimeSpan Days(string name) => TimeSpan.FromDays((double)Number(name, 0, 36_500));

    private IPAddress Address(string name) => IPAddress.TryParse(_values[name], out var address)
        ? address
        : throw new SetupException($"The setting {name} is \"{_values[name]}\": an IP address of this machine is allowed, or 0.0.0.0 for all of them");

    private decimal Number(string name, decimal min, decimal max) =>
        decimal.TryParse(_values[name], NumberStyles.Number, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new SetupException($"The setting {name} is \"{_values[name]}\": a number from {min} to {max} is allowed");
}
