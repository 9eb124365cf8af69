using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PciBus.Contracts.Startup;
using PciBus.Management;
using PciBus.Management.Bus;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.Reconciliation;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.Setup;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Tests.Persistence;
using Xunit;

namespace PciBus.Tests.Support;

/// <summary>The management server without its edges: the production services over a database, a recorded bus and a fake clock.</summary>
internal sealed class ManagementRig : IDisposable
{
    private readonly TestDatabase _database;
    private readonly bool _ownsDatabase;
    private readonly ServiceProvider _services;

    /// <param name="replace">Puts something in the place of what production registers.</param>
    /// <param name="interceptors">Between EF Core and the database.</param>
    public ManagementRig(
        WorkflowOptions? options = null,
        DatabaseProvider provider = DatabaseProvider.Sqlite,
        HostAdmission admission = HostAdmission.Open,
        Action<IServiceCollection>? replace = null,
        params IInterceptor[] interceptors)
        : this(options, HostOptions with { Admission = admission }, TestDatabase.On(provider), ownsDatabase: true, interceptors, replace: replace)
    {
    }

    /// <summary>Over a database that is the caller's.</summary>
    public ManagementRig(TestDatabase database) : this(null, HostOptions, database, ownsDatabase: false, [])
    {
    }

    private ManagementRig(
        WorkflowOptions? options,
        HostOptions hosts,
        TestDatabase database,
        bool ownsDatabase,
        IInterceptor[] interceptors,
        ManagementRig? beside = null,
        Action<IServiceCollection>? replace = null)
    {
        (_database, _ownsDatabase) = (database, ownsDatabase);
        if (beside is not null) (Time, Bus, Fencing) = (beside.Time, beside.Bus, beside.Fencing);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(Log).SetMinimumLevel(LogLevel.Information));
        services.AddSingleton<TimeProvider>(Time).AddSingleton<IMessageSender>(Bus);
        services.AddDatabase(_database.Options);
        services.AddCapabilities(hosts, options ?? new WorkflowOptions());
        services.AddSingleton<IFencingCommand>(Fencing);
        services.AddScoped<LongWay>();
        replace?.Invoke(services);
        services.ConfigureDbContext<PciBusDbContext>(builder => builder.AddInterceptors(interceptors));
        // The catalogue is one of SQLite's.
        if (_database.Options.Provider == DatabaseProvider.Sqlite) services.CollectCommands();
        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
    }

    /// <summary>As it comes, but for a command that fences everybody, and hosts need not join.</summary>
    public static HostOptions HostOptions { get; } = new()
    {
        Admission = HostAdmission.Open,
        PingInterval = TimeSpan.FromSeconds(60),
        Fencing = new() { Command = new FencingCommandLine("fence", ["{guid}"]) },
    };

    public DatabaseOptions Database => _database.Options;

    public SettableClock Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public RecordingSender Bus { get; } = new();

    public RecordingFencing Fencing { get; } = new();

    public RecordingLogger Log { get; } = new();

    public AgentMessages Agents => Get<AgentMessages>();

    public WorkflowRunner Runner => Get<WorkflowRunner>();

    public OutboxRelay Outbox => Get<OutboxRelay>();

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Time passes, and the server writes down which hosts it heard, as it does all the time.</summary>
    public void Pass(TimeSpan time)
    {
        var step = Get<ReconciliationOptions>().IntervalOf<HostLivenessJob>();
        for (; time > TimeSpan.Zero; time -= step)
        {
            Time.Advance(time < step ? time : step);
            Get<HostSilence>().NoteWriting();
        }
    }

    /// <summary>Looks at the database, or prepares it.</summary>
    public PciBusDbContext Open() => _database.Open();

    public T Read<T>(Func<PciBusDbContext, T> look)
    {
        using var database = Open();
        return look(database);
    }

    /// <summary>Runs a command that every engine takes; whether SQL Server does is looked at, as there may be none here.</summary>
    public void Execute(string sql)
    {
        if (SqlServerQueries.Problems(sql) is [var problem, ..]) throw new InvalidOperationException(problem);
        _database.Execute(sql);
    }

    /// <summary>Runs a command of the engine's own.</summary>
    public void ExecuteOwn(string sql) => _database.Execute(sql);

    /// <inheritdoc cref="TestDatabase.IgnoreUpdates"/>
    public void IgnoreUpdates(string table, string column, string when = "1 = 1") => _database.IgnoreUpdates(table, column, when);

    /// <summary>A second server on the same database, with the clock and the broker in common and nothing else.</summary>
    public ManagementRig AnotherServer(params IInterceptor[] interceptors) => new(null, Get<HostOptions>(), _database, ownsDatabase: false, interceptors, beside: this);

    public T Add<T>(T row) where T : class
    {
        using var database = Open();
        database.Add(row);
        database.SaveChanges();
        return row;
    }

    /// <summary>Runs a reconciliation job.</summary>
    /// <returns>What it did; null when there was nothing to do.</returns>
    public Task<string?> RunJobAsync<TJob>() where TJob : IReconciliationJob => Get<TJob>().RunAsync(CancellationToken.None);

    /// <summary>Runs what commits have woken, and what that wakes; no timer runs anything.</summary>
    /// <returns>The names of the jobs, in order.</returns>
    public async Task<IReadOnlyList<string>> RunWokenAsync()
    {
        var ran = new List<string>();
        while (Get<ReconciliationActivator>().Take() is { Count: > 0 } woken)
        {
            foreach (var job in woken)
            {
                Assert.Null(await Get<ReconciliationRunner>().RunAsync(job, byHand: false, CancellationToken.None));
                ran.Add(job.Name);
            }
        }

        return ran;
    }

    /// <summary>Runs work on one manager in one transaction, as production does.</summary>
    public Task<T> RunAsync<TManager, T>(Func<TManager, Task<T>> work) where TManager : notnull =>
        Get<DatabaseTransactions>().RunAsync(work, CancellationToken.None);

    public Task RunAsync<TManager>(Func<TManager, Task> work) where TManager : notnull =>
        Get<DatabaseTransactions>().RunAsync(work, CancellationToken.None);

    /// <summary>Runs work whose refusal rolls back.</summary>
    public Task<Refusal?> TryAsync<TManager>(Func<TManager, Task<Refusal?>> work) where TManager : notnull =>
        Get<DatabaseTransactions>().RunAsync(work, refusal => refusal is null, CancellationToken.None);

    /// <summary>A host announces itself; it is Up afterwards.</summary>
    public async Task<Host> ConnectAsync(StartupRoutingCommand startup)
    {
        await Agents.StartupAsync(startup, CancellationToken.None);
        return Read(database => database.Set<Host>().Single(host => host.Guid == startup.Guid && host.Removed == null));
    }

    public async Task<VirtualMachine> CreateVmAsync(ServiceOffering offering, string name = "vm")
    {
        var vm = NewVm(offering, name);
        return await RunAsync((VirtualMachineManager manager) => manager.CreateAsync(vm, CancellationToken.None));
    }

    public VirtualMachine NewVm(ServiceOffering offering, string name = "vm")
    {
        var template = Read(database => database.Set<PciBus.Management.Templates.Template>().FirstOrDefault()) ?? Add(Rows.Template());
        var vm = Rows.Vm(offering, template, name);
        vm.DataCenterId = Read(database => database.Set<Zone>().Select(zone => zone.Id).First());
        return vm;
    }

    /// <summary>Sends everything that was committed.</summary>
    public async Task DeliverAsync()
    {
        while (await Outbox.SendCommittedAsync(CancellationToken.None))
        {
        }
    }

    public void Dispose()
    {
        _services.Dispose();
        if (_ownsDatabase) _database.Dispose();
    }
}
