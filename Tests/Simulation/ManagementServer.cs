using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Agents;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using PciBus.Management.Setup;
using PciBus.Management.Upkeep;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;

namespace PciBus.Tests.Simulation;

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
    private readonly HashSet<string> _running = [];
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
        services.AddSingleton(new WriteLine(database.Options with { Provider = DatabaseProvider.PostgreSql }) { Pauses = clock, Jitter = new Random(1) });
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
        var jobs = _services.GetRequiredService<ReconciliationManager>();
        Every(TimeSpan.FromSeconds(5), "overdue workflows", jobs.FeedOverdueAsync);
        Every(TimeSpan.FromSeconds(30), "parked workflows", jobs.WakeParkedAsync);
        Every(TimeSpan.FromSeconds(2), "outbox", jobs.TakeOverOutboxAsync);
        Every(new ReconciliationOptions().HostLiveness, "liveness", _services.GetRequiredService<HeardHosts>().WriteAsync);
        Every(TimeSpan.FromSeconds(5), "hosts not heard", jobs.InvestigateHostsAsync);
        Every(TimeSpan.FromSeconds(5), "hosts down", jobs.LeaveDownHostsAsync);
        Every(TimeSpan.FromSeconds(5), "restarts", jobs.RestartAsync);
        Every(TimeSpan.FromSeconds(5), "repairs", jobs.RepairAsync);
        Every(TimeSpan.FromSeconds(5), "maintenance", _services.GetRequiredService<DrainManager>().DrainAsync);
        Every(TimeSpan.FromSeconds(5), "fencing", _services.GetRequiredService<Fencer>().FenceAsync);
        Every(TimeSpan.FromSeconds(10), "reconnections", jobs.EndOverdueReconnectsAsync);
        Every(TimeSpan.FromSeconds(30), "device jobs", jobs.EndOverdueDeviceJobsAsync);
        Every(TimeSpan.FromSeconds(60), "claims", jobs.SettleStraysAsync);
        Every(TimeSpan.FromSeconds(60), "capacity", async token => NothingToCorrect(await jobs.AuditCapacityAsync(token)));
        Every(TimeSpan.FromSeconds(60), "placement classes", _services.GetRequiredService<PlacementClassesJob>().RunAsync);
        Every(TimeSpan.FromSeconds(60), "orphans", async token =>
        {
            var (lines, ended) = await jobs.AdoptOrphansAsync(token);
            NothingToCorrect(lines + ended);
        });
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

    /// <summary>The relay is woken by each commit.</summary>
    public void Committed(bool isJudged)
    {
        HasCommitted |= isJudged;
        if (_isRelaying || IsDead) return;
        _isRelaying = true;
        _loop.After(TimeSpan.FromMilliseconds(_random.Next(3)), () => _loop.SpawnPlain(RelayAsync));
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
    }

    /// <summary>These jobs are nets: what falls into them is a fault elsewhere.</summary>
    private static void NothingToCorrect(int corrected)
    {
        if (corrected > 0) throw new InvariantViolationException("Nothing falls into the nets", $"{corrected} rows had to be corrected");
    }

    private void Every(TimeSpan interval, string what, Func<CancellationToken, Task> job) => _loop.After(interval, () =>
    {
        if (IsDead) return;
        if (FrozenUntil <= _loop.Now && _running.Add(what)) _loop.SpawnPlain(() => RunJobAsync(what, job));
        Every(interval, what, job);
    });

    private async Task RunJobAsync(string what, Func<CancellationToken, Task> job)
    {
        await TryAsync(what, () => job(CancellationToken.None));
        _running.Remove(what);
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
