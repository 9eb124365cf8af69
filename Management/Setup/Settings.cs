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

/// <summary>Management's settings, as options for those who need them; <see cref="Definitions"/> says which there are.</summary>
internal sealed class Settings
{
    private readonly IReadOnlyDictionary<string, ConfiguredSetting> _values;
    private readonly DatabaseSettings _database;

    private Settings(SettingsReader reader)
    {
        _values = reader.Values;
        try
        {
            (Bus, Api) = (Read<BusOptions>().WithTls(), Read<ApiOptions>().WithTls());
        }
        catch (IOException exception)
        {
            throw new SetupException($"A certificate cannot be used: {exception.Message}", exception);
        }

        _database = Read<DatabaseSettings>();
        _ = Database("");
        Hosts = ReadHosts();
        Workflows = Read<WorkflowOptions>();
        Drain = Read<DrainOptions>();
        Reconciliation = Read<ReconciliationOptions>() with
        {
            Intervals = ReconciliationJobs.All.ToDictionary(
                job => job.Name, job => (TimeSpan)job.Setting.Kind.Read(_values[job.Setting.Name].Value)!),
        };
        Warnings = [.. reader.Warnings, .. SettingsRisks.Of(Bus, Api, Hosts)];
    }

    /// <summary>Which there are, by category: the intervals of reconciliation jobs, and those that options name.</summary>
    public static IReadOnlyList<SettingDefinition> Definitions { get; } = SettingDefinitions.Sorted(
    [
        .. ReconciliationJobs.All.Select(job => job.Setting),
        .. SettingDefinitions.Of<DatabaseSettings>(),
        .. SettingDefinitions.Of<BusOptions>(),
        .. SettingDefinitions.Of<ApiOptions>(),
        .. SettingDefinitions.Of<HostOptions>(),
        .. SettingDefinitions.Of<WorkflowOptions>(),
        .. SettingDefinitions.Of<DrainOptions>(),
        .. SettingDefinitions.Of<ReconciliationOptions>(),
    ]);

    /// <summary>All of them, by name.</summary>
    public IReadOnlyList<ConfiguredSetting> All => [.. _values.Values.OrderBy(setting => setting.Name, StringComparer.Ordinal)];

    /// <summary>What an operator should look at; none of it stops the server.</summary>
    public IReadOnlyList<string> Warnings { get; }

    public BusOptions Bus { get; }

    /// <summary>Null without a broker.</summary>
    public HostJoinOptions? Joining => Bus.Joining;

    public ApiOptions Api { get; }

    public HostOptions Hosts { get; }

    public WorkflowOptions Workflows { get; }

    public DrainOptions Drain { get; }

    public ReconciliationOptions Reconciliation { get; }

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
        return new Settings(reader);
    }

    /// <param name="file">Of the database, when it is SQLite.</param>
    /// <exception cref="SetupException">The settings of the database are not right.</exception>
    public DatabaseOptions Database(string file) => DatabaseSetup.Options(_database, _values["database.connection"].Problem, file);

    private HostOptions ReadHosts()
    {
        var hosts = Read<HostOptions>();
        var commands = _values.Values.Where(setting => setting.Definition.Name == FencingOptions.CommandOfHost);
        return hosts with
        {
            // Hosts within the process have no users.
            Admission = Bus.Address is null ? HostAdmission.Open : hosts.Admission,
            Fencing = hosts.Fencing with
            {
                Command = FencingSetup.Command(_values[FencingOptions.CommandOfAll]),
                Commands = commands.ToDictionary(setting => setting.Word!, FencingSetup.Command),
            },
        };
    }

    private T Read<T>() => OptionProperty.Fill<T>(
        option => _values[option.Name].Value,
        option => throw new InvalidOperationException($"{option.Name} was found allowed when it was read"));
}
