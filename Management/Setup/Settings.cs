using System.Globalization;
using System.Net;
using PciBus.Contracts.Connection;
using PciBus.Management.Configuration;
using PciBus.Management.Drain;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using PciBus.Management.Workflows;

namespace PciBus.Management.Setup;

/// <summary>Management's settings, as those who need them take them; <see cref="Definitions"/> says which there are.</summary>
internal sealed class Settings
{
    private readonly IReadOnlyDictionary<string, ConfiguredSetting> _values;

    private Settings(SettingsReader reader)
    {
        _values = reader.Values;
        try
        {
            var tls = TlsSettings.Read(Optional("bus.tls.ca"), Optional("bus.tls.certificate"), Optional("bus.tls.key"));
            Bus = BusAddress.TryParse(Text("bus.address"), out var address) ? address with { Tls = tls } : null;
            ApiTls = TlsSettings.Read(null, Optional("api.tls.certificate"), Optional("api.tls.key"));
        }
        catch (IOException exception)
        {
            throw new SetupException($"A certificate cannot be used: {exception.Message}", exception);
        }

        Warnings = [.. reader.Warnings, .. RisksOf()];
    }

    /// <summary>Which there are, by category: the intervals of reconciliation jobs, and all others.</summary>
    public static IReadOnlyList<SettingDefinition> Definitions { get; } =
        [.. ReconciliationJobs.All.Select(job => job.Setting).Concat(SettingDefinitions.All).OrderBy(setting => setting.Category)];

    /// <summary>All of them, by name.</summary>
    public IReadOnlyList<ConfiguredSetting> All => [.. _values.Values.OrderBy(setting => setting.Name, StringComparer.Ordinal)];

    /// <summary>What an operator should look at; none of it stops the server.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The broker; null = the bus is in this process, with simulated hosts on it.</summary>
    public BusAddress? Bus { get; }

    /// <summary>How often a message that failed is tried again within one delivery, and the longest pause between two tries.</summary>
    public (int Times, TimeSpan Pause) BusRetry => (Whole("bus.retry.times"), Seconds("bus.retry.pause"));

    /// <summary>The HTTP API of the broker's management plugin; null = none.</summary>
    public Uri? BusManagement => Optional("bus.management.address") is { } address ? new Uri(address) : null;

    private BusAddress AgentsBus => BusAddress.TryParse(Text("bus.agents.address"), out var told) ? told : Bus!;

    /// <summary>Null without a broker.</summary>
    public HostJoinOptions? Joining => Bus is null ? null : new HostJoinOptions(
        (user, password) => (AgentsBus with { User = user, Password = password }).ToText(),
        Bus.Tls.AuthoritiesText);

    /// <summary>Of the API's port; without a certificate it is plain HTTP.</summary>
    public TlsSettings ApiTls { get; }

    public int IntegrationApiPort => Whole("integration.api.port");

    /// <summary>How many signed calls one address makes within <see cref="ThrottlingInterval"/>; 0 is no limit.</summary>
    public int ThrottlingMax => Whole("api.throttling.max");

    public TimeSpan ThrottlingInterval => Seconds("api.throttling.interval");

    /// <summary>Where signed calls come in; 0.0.0.0 is every address of this machine.</summary>
    public IPEndPoint Api => new(IPAddress.Parse(Text("api.address")), Whole("api.port"));

    /// <summary>Addresses of the machines that may read the metrics.</summary>
    public IReadOnlyCollection<IPAddress> MetricsReaders =>
        [.. Text(MetricsSetup.AllowedIps).Split(',', SettingKind.Parts).Select(IPAddress.Parse)];

    public HostOptions Hosts => new()
    {
        PingInterval = Seconds("ping.interval"),
        PingTimeout = Number("ping.timeout"),
        AlertWait = Seconds("alert.wait"),
        RestartRetryInterval = Seconds("restart.retry.interval"),
        AgentReturnTime = Seconds("agent.return.time"),
        CommandTimeout = Seconds("command.timeout"),
        CpuOverprovisioningFactor = Number("cpu.overprovisioning.factor"),
        // Hosts within the process have no users.
        Admission = Bus is null || Text("host.admission") == "open" ? HostAdmission.Open : HostAdmission.Joined,
        Fencing = new FencingOptions
        {
            Command = FencingSetup.Command(_values["fencing.command"]),
            Commands = All.Where(setting => setting.Definition.Name == "fencing.command.<guid>")
                .ToDictionary(setting => setting.Word!, FencingSetup.Command),
            Timeout = Seconds("fencing.timeout"),
            RetryInterval = Seconds("fencing.retry.interval"),
            Limit = Whole("fencing.limit"),
        },
    };

    public WorkflowOptions Workflows => new()
    {
        StartRetry = Whole("start.retry"),
        CommandTimeout = Seconds("command.timeout"),
        StopTimeout = Seconds("stop.timeout"),
        DetachWait = Seconds("migrate.detach.wait"),
        MigrateWait = Seconds("migrate.wait"),
        MigrateAcrossClusters = Text("migrate.vm.across.clusters") == "true",
        RepairRetryInterval = Seconds("repair.retry.interval"),
        CheckInterval = Seconds("check.interval"),
        JobTimeout = Seconds("vm.job.timeout"),
    };

    public DrainOptions Drain => new()
    {
        Parallel = Whole("maintenance.parallel"),
        Attempts = Whole("maintenance.attempts"),
        RetryInterval = Seconds("maintenance.retry.interval"),
        Speed = (long)Whole("maintenance.speed") << 20,
        AcrossClusters = Text("migrate.vm.across.clusters") == "true",
    };

    public ReconciliationOptions Reconciliation => new()
    {
        Intervals = ReconciliationJobs.All.ToDictionary(job => job.Name, job => Seconds(job.Setting.Name)),
        EventPurgeDelay = Days("event.purge.delay"),
        AlertPurgeDelay = Days("alert.purge.delay"),
        JobPurgeDelay = Days("job.purge.delay"),
        PciDeviceHistoryPurgeDelay = Days("pci.device.history.purge.delay"),
        HostJoinTokenPurgeDelay = Days("host.join.token.purge.delay"),
    };

    /// <summary>Reads them; the command line wins over the environment, the environment over the file.</summary>
    /// <param name="arguments">NAME=VALUE each.</param>
    /// <param name="environment">The variables of the process.</param>
    /// <param name="file">Properties; null for none.</param>
    /// <exception cref="SetupException">
    /// A name or a value is not right; the message says which, where it comes from, and what is allowed.
    /// </exception>
    public static Settings Read(IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string? file)
    {
        var reader = new SettingsReader(Definitions);
        if (file is not null) reader.AddFile(file);
        reader.AddEnvironment(environment);
        reader.AddArguments(arguments);
        var settings = new Settings(reader);
        _ = settings.Database("");
        return settings;
    }

    /// <param name="file">Of the database, when it is SQLite.</param>
    /// <exception cref="SetupException">The settings of the database are not right.</exception>
    public DatabaseOptions Database(string file) => DatabaseSetup.Options(Text("database.provider"), _values["database.connection"], file);

    private IEnumerable<string> RisksOf()
    {
        if (Bus is not null && Hosts.Admission == HostAdmission.Open)
        {
            yield return "host.admission is open: whoever reaches the broker can speak as any host";
        }
        else if (Bus is not null && BusManagement is null)
        {
            yield return "bus.management.address is not set: no host can join";
        }

        if (Bus is not null && Hosts.Admission == HostAdmission.Joined)
        {
            foreach (var setting in new[] { "bus.address", "bus.agents.address" })
            {
                if (BusAddress.TryParse(Text(setting), out var broker) && !broker.IsTls && !IsLoopback(broker.Host))
                {
                    yield return $"{setting} is {broker.Host} without TLS: the passwords of users and hosts can be read on their way; use "
                        + "amqps://";
                }
            }
        }

        if (Bus is not null && BusManagement is { IsLoopback: false } api && api.Scheme == Uri.UriSchemeHttp)
        {
            yield return $"bus.management.address is {api.Host} without TLS: the passwords of users and hosts can be read on their way; "
                + "use https://";
        }

        foreach (var side in new[] { "bus", "api" })
        {
            if (Optional($"{side}.tls.key") is not null && Optional($"{side}.tls.certificate") is null)
            {
                yield return $"{side}.tls.key is set without {side}.tls.certificate, and is ignored";
            }
        }

        if (ApiTls.Certificate is null && !IPAddress.IsLoopback(Api.Address))
        {
            yield return $"The API answers on {Api} without TLS: passwords, keys and join tokens can be read on their way; set "
                + "api.tls.certificate";
        }
    }

    private static bool IsLoopback(string host) => new Uri($"http://{host}").IsLoopback;

    private string Text(string name) => _values[name].Value;

    private string? Optional(string name) => Text(name) is { Length: > 0 } text ? text : null;

    private int Whole(string name) => int.Parse(Text(name), CultureInfo.InvariantCulture);

    private decimal Number(string name) => decimal.Parse(Text(name), CultureInfo.InvariantCulture);

    /// <summary>0 = for ever.</summary>
    private TimeSpan Days(string name) => TimeSpan.FromDays((double)Number(name));

    private TimeSpan Seconds(string name) => TimeSpan.FromSeconds((double)Number(name));
}
