using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PciBus.Contracts.Startup;
using PciBus.Management;
using PciBus.Management.Agents;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.Setup;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;

namespace PciBus.Tests.Support;

/// <summary>The management server without its edges: the production services over a SQLite file, a recorded bus and a fake clock.</summary>
internal sealed class ManagementRig : IDisposable
{
    private readonly SqliteDatabase _database = new();
    private readonly ServiceProvider _services;

    public ManagementRig(WorkflowOptions? options = null)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(Log).SetMinimumLevel(LogLevel.Information));
        services.AddSingleton<TimeProvider>(Time).AddSingleton<IMessageSender>(Bus);
        services.AddDatabase(_database.Options);
        services.AddCapabilities(new HostOptions(), options ?? new WorkflowOptions());
        services.CollectCommands();
        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public RecordingSender Bus { get; } = new();

    public RecordingLogger Log { get; } = new();

    public AgentMessages Agents => Get<AgentMessages>();

    public WorkflowRunner Runner => Get<WorkflowRunner>();

    public OutboxRelay Outbox => Get<OutboxRelay>();

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Looks at the database, or prepares it.</summary>
    public PciBusDbContext Open() => _database.Open();

    public T Read<T>(Func<PciBusDbContext, T> look)
    {
        using var database = Open();
        return look(database);
    }

    /// <summary>Runs a command of SQLite's own, e.g. a trigger that plays somebody else.</summary>
    public void Execute(string sql)
    {
        using var connection = _database.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public T Add<T>(T row) where T : class
    {
        using var database = Open();
        database.Add(row);
        database.SaveChanges();
        return row;
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
        return Rows.Vm(offering, template, name);
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
        _database.Dispose();
    }
}
