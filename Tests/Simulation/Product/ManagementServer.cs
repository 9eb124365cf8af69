using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Bus;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using PciBus.Management.Setup;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.AttachPciDevices;
using PciBus.Management.Workflows.Maintenance;
using PciBus.Management.Workflows.Settle;
using PciBus.Management.Workflows.StartVirtualMachine;
using PciBus.Tests.Simulation.Faults;
using PciBus.Tests.Simulation.Judge;
using PciBus.Tests.Simulation.Planted;
using PciBus.Tests.Simulation.World;
using PciBus.Tests.Support;

namespace PciBus.Tests.Simulation.Product;

/// <summary>One start of one management server: everything that production registers, on the simulated bus and clock.</summary>
internal sealed class ManagementServer : IDisposable
{
    private static readonly HostOptions Hosts = new()
    {
        PingInterval = TimeSpan.FromSeconds(20),
        Admission = HostAdmission.Open,
        Fencing = new() { Command = new("fence", ["{guid}"]), Timeout = TimeSpan.FromSeconds(30), RetryInterval = TimeSpan.FromSeconds(30) },
    };

    private const int LongWayEvery = 8;

    /// <summary>Migrations take seconds; what never converges is to end while a seed runs.</summary>
    private static readonly WorkflowOptions Workflows = new() { MigrateWait = TimeSpan.FromMinutes(5) };

    private readonly SimulationLoop _loop;
    private readonly Random _random;
    private readonly Trace _trace;
    private readonly Action<ManagementServer, CrashKind> _died;
    private readonly ServiceProvider _services;

    /// <summary>Jobs that run, and whether they are to run once more.</summary>
    private readonly Dictionary<string, bool> _running = [];
    private bool _isRelaying;
    private CrashKind? _diesAt;

    public ManagementServer(
        string name,
        SimulationLoop loop,
        Random random,
        Trace trace,
        SimulatedDatabase database,
        SimulatedBus bus,
        SimulatedFencing fencing,
        PlantedBug bug,
        Action<ManagementServer, CrashKind> died)
    {
        (Name, _loop, _random, _trace, _died) = (name, loop, random, trace, died);
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(new TraceLogger(trace, name)).AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        var clock = new VirtualClock(loop) { Carry = loop.WithoutContext };
        services.AddSingleton<TimeProvider>(clock).AddSingleton<IMessageSender>(new ServerSender(this, bus));
        services.AddDatabase(database.Options).AddCapabilities(Hosts, Workflows);
        services.AddSingleton<IFencingCommand>(new ServerFencing(this, fencing));
        // Everybody may write at once, as on the engines that do their own queueing.
        services.AddSingleton(new WriteQueue(database.Options with { Provider = DatabaseProvider.PostgreSql }) { Pauses = clock, Jitter = new Random(1) });
        services.ConfigureDbContext<PciBusDbContext>(options =>
            options.AddInterceptors(new ReadCommitted(this, loop, random, database.Reading, bug)).EnableThreadSafetyChecks(false));
        services.AddScoped<ClusterOperator>().AddScoped<LongWay>();
        bug.Configure(services);
        _services = services.BuildServiceProvider();
    }

    public string Name { get; }

    public bool IsDead { get; private set; }

    /// <summary>Whether it takes messages and does what is asked.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>It will die at a certain place, or soon.</summary>
    public bool IsDoomed => _diesAt is not null;

    /// <summary>Until then nothing is relayed: the process hangs, and goes on as if nothing had happened.</summary>
    public DateTimeOffset FrozenUntil { get; set; }

    /// <summary>Calls that have not come back.</summary>
    public int UnderWay { get; private set; }

    /// <summary>Something that the judge looks at may have been committed since this was last set to false.</summary>
    public bool HasCommitted { get; set; }

    public WorkflowRunner Runner => _services.GetRequiredService<WorkflowRunner>();

    public DatabaseTransactions Transactions => _services.GetRequiredService<DatabaseTransactions>();

    /// <summary>Starts on a database that was restored, as every start looks whether it was.</summary>
    public void StartRestored() => _loop.SpawnPlain(async () =>
    {
        if (await TryAsync("restored database", () => DatabaseSetup.CheckRestoredAsync(_services, CancellationToken.None))) Start();
    });

    public void Start()
    {
        _trace.Add(Name, "management starts");
        IsStarted = true;
        Every<OverdueWorkflowsJob>(TimeSpan.FromSeconds(5));
        Every<ParkedWorkflowsJob>(TimeSpan.FromSeconds(30));
        Every<OutboxTakeOverJob>(TimeSpan.FromSeconds(2));
        Every<HostLivenessJob>(HostLivenessJob.About.Interval);
        Every<HostInvestigationJob>(TimeSpan.FromSeconds(5));
        Every<DownHostsJob>(TimeSpan.FromSeconds(5));
        Every<RestartsJob>(TimeSpan.FromSeconds(5));
        Every<RepairsJob>(TimeSpan.FromSeconds(5));
        Every<MaintenanceJob>(TimeSpan.FromSeconds(5));
        Every<FencingJob>(TimeSpan.FromSeconds(5));
        Every<OverdueReconnectsJob>(TimeSpan.FromSeconds(10));
        Every<OverdueDeviceJobsJob>(TimeSpan.FromSeconds(30));
        Every<StrayClaimsJob>(TimeSpan.FromSeconds(60));
        Every<CapacityJob>(TimeSpan.FromSeconds(60), isNet: true);
        Every<PlacementClassesJob>(TimeSpan.FromSeconds(60));
        Every<OrphansJob>(TimeSpan.FromSeconds(60), isNet: true);
    }

    /// <summary>Does something that an operator asked for.</summary>
    public void Do(string what, Func<ManagementServer, Task> work) => _loop.SpawnPlain(() => TryAsync(what, () => work(this)));

    /// <summary>Handles a message of an agent. False when it must be given again: the server died over it, or lost a race.</summary>
    public Task<bool> HandleAsync(object message)
    {
        var messages = _services.GetRequiredService<AgentMessages>();
        return TryAsync(message.GetType().Name, () => message switch
        {
            StartupRoutingCommand startup => messages.StartupAsync(startup, CancellationToken.None),
            PingRoutingCommand ping => PingAsync(messages, ping),
            ShutdownCommand shutdown => messages.ShutdownAsync(shutdown, CancellationToken.None),
            VirtualMachineAnswer answer => messages.AnswerAsync(answer, CancellationToken.None),
            ResetPciDeviceAnswer answer => messages.AnswerAsync(answer, CancellationToken.None),
            _ => throw new InvalidOperationException($"Nobody consumes {message.GetType().Name}"),
        });
    }

    /// <summary>Dies when it comes to a place.</summary>
    public void ArmCrash(CrashKind at) => _diesAt = at;

    public void Kill(CrashKind kind)
    {
        if (IsDead) return;
        IsDead = true;
        _trace.Add(Name, $"!! management dies: {kind}");
        _died(this, kind);
    }

    public void DieAt(CrashKind place)
    {
        if (_diesAt == place) Kill(place);
        ThrowIfDead();
    }

    public void ThrowIfDead()
    {
        if (IsDead) throw new SimulatedCrash();
    }

    /// <summary>The relay is woken by each commit, and so are the jobs that the commit wakes.</summary>
    public void Committed(bool isJudged)
    {
        HasCommitted |= isJudged;
        if (_isRelaying || IsDead) return;
        _isRelaying = true;
        _loop.After(TimeSpan.FromMilliseconds(_random.Next(3)), () =>
        {
            RunWoken();
            _loop.SpawnPlain(RelayAsync);
        });
    }

    public void Dispose() => _services.Dispose();

    /// <summary>What would take the quick way is taken the long way first, now and then: nothing must come of it.</summary>
    private async Task PingAsync(AgentMessages messages, PingRoutingCommand ping)
    {
        if (ping.Report.Sequence % LongWayEvery == 0)
        {
            var missed = await Transactions.RunAsync((LongWay way) => way.FindMissedAsync(ping), _ => UnitOutcome.RollBack, CancellationToken.None);
            if (missed is { Length: > 0 })
            {
                throw new InvariantViolationException("A report that is taken for known leaves nothing to do", $"{ping.HostGuid}: {missed}");
            }
        }

        await messages.PingAsync(ping, CancellationToken.None);
    }

    private async Task RelayAsync()
    {
        if (FrozenUntil > _loop.Now) await _loop.PauseAsync(FrozenUntil - _loop.Now);
        await TryAsync("relay", async () =>
        {
            while (await _services.GetRequiredService<OutboxRelay>().SendCommittedAsync(CancellationToken.None))
            {
            }
        });
        _isRelaying = false;
        // Commits that came meanwhile.
        _loop.After(TimeSpan.Zero, RunWoken);
    }

    /// <summary>What commits have woken, beside what the timer runs.</summary>
    private void RunWoken()
    {
        if (IsDead || FrozenUntil > _loop.Now) return;
        foreach (var job in _services.GetRequiredService<ReconciliationActivator>().Take()) Run(job, isNet: false);
    }

    /// <param name="isNet">What falls into it is a fault elsewhere.</param>
    private void Every<TJob>(TimeSpan interval, bool isNet = false) where TJob : IReconciliationJob => _loop.After(interval, () =>
    {
        if (IsDead) return;
        if (FrozenUntil <= _loop.Now && !_running.ContainsKey(TJob.About.Name)) Run(TJob.About, isNet);
        Every<TJob>(interval, isNet);
    });

    /// <summary>Begins a run of a job; one that is under way runs once more.</summary>
    private void Run(ReconciliationJob job, bool isNet)
    {
        if (_running.TryAdd(job.Name, false)) _loop.SpawnPlain(() => RunJobAsync(job, isNet));
        else _running[job.Name] = true;
    }

    private async Task RunJobAsync(ReconciliationJob job, bool isNet)
    {
        do
        {
            _running[job.Name] = false;
            await TryAsync(job.Name, async () =>
            {
                var done = await ((IReconciliationJob)_services.GetRequiredService(job.Work)).RunAsync(CancellationToken.None);
                if (isNet && done is not null) throw new InvariantViolationException("Nothing falls into the nets", done);
            });
        }
        while (_running[job.Name] && !IsDead);
        _running.Remove(job.Name);
    }

    private async Task<bool> TryAsync(string what, Func<Task> work)
    {
        UnderWay++;
        try
        {
            await work();
            return true;
        }
        catch (SimulatedCrash) when (IsDead)
        {
            _trace.Add(Name, $"  died over {what}");
            return false;
        }
        catch (Exception e) when (e is DbUpdateException or IOException)
        {
            // A race lost outside the runner, or no broker: the endpoint gives the message again, Quartz runs the job again.
            _trace.Add(Name, $"  {what} is left for later: {e.GetBaseException().Message}");
            return false;
        }
        finally
        {
            UnderWay--;
        }
    }
}
