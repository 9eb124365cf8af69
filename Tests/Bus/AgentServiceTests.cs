using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Agent;
using PciBus.Agent.Registration;
using PciBus.Agent.Setup;
using PciBus.Contracts.Startup;
using PciBus.Tests.Agent;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>What the agent tells systemd, on a socket that is the test's.</summary>
[Collection(nameof(Bus))]
[OutOfProcess]
public sealed class AgentServiceTests(BrokerFixture broker) : IDisposable
{
    private const string Ready = "READY=1";
    private const string Stopping = "STOPPING=1";
    private const string Alive = "WATCHDOG=1";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-systemd-").FullName;
    private readonly NotifySocket _systemd = new();
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    [OnlyInAll("half a minute of processes")]
    public async Task Agent_IsReady_WhenManagementHasAcceptedTheHost()
    {
        await using var cluster = await DistributedCluster.StartAsync(broker, 1, "28:00.1|10GE", _token);
        var agent = cluster.AddAgent("kvm9", "guid-9", "28:00.1|10GE");
        agent.Environment = [("NOTIFY_SOCKET", _systemd.Path)];
        agent.Start();
        await cluster.UntilAsync(() => _systemd.Count(Ready) == 1, Soon, _token);
        await cluster.UntilAsync(() => agent.Output.Contains(": registered, session ", StringComparison.Ordinal), Soon, _token);

        Assert.Equal(0, await agent.TerminateAsync(_token));

        Assert.Equal([Ready, Stopping], _systemd.Heard);
    }

    [Fact]
    public async Task Agent_LivesAndIsNotReady_WhileThereIsNoBroker()
    {
        Write();
        await using var agent = new AgentProcess(_folder, "amqp://127.0.0.1:1");
        agent.Environment = [("NOTIFY_SOCKET", _systemd.Path), ("WATCHDOG_USEC", "200000")];
        agent.Start();
        await Patience.UntilAsync(() => _systemd.Count(Alive) >= 3, Soon, () => agent.LastLines, _token);

        Assert.Equal(0, await agent.TerminateAsync(_token));

        Assert.Equal([Stopping], _systemd.Heard.Where(state => state != Alive));
    }

    [Fact]
    public async Task Watchdog_IsLeftToBark_WhenAPartOfTheAgentHasFailed()
    {
        var time = new FailingTimeProvider();
        var file = AgentPropertiesFile.Open(Write(), time);
        var host = HostSetup.Simulated(file, time, NullLoggerFactory.Instance);
        var link = new RecordingLink();
        await using var node = new AgentNode(file, host, host, link, time, NullLoggerFactory.Instance);
        await node.StartAsync(_token);
        var application = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        await using var lifetime = Begin(node, application, time);
        await AdvanceUntilAsync(() => link.Sent<StartupRoutingCommand>().Count > 0 && _systemd.Count(Alive) >= 2);
        Assert.Equal(0, _systemd.Count(Ready));
        // It announces itself anew while it waits, and takes the answer to the last announcement alone.
        await Patience.UntilAsync(
            async () =>
            {
                var nonce = link.Sent<StartupRoutingCommand>()[^1].Nonce;
                await node.ReceiveAsync(new StartupAnswer { Result = true, Nonce = nonce, Session = 1, PingInterval = 60 }, _token);
                return _systemd.Count(Ready) == 1;
            },
            Soon,
            () => string.Join(' ', _systemd.Heard),
            _token);
        await AdvanceUntilAsync(() => _systemd.Count(Alive) >= 4);

        time.FailsNext = true;
        await AdvanceUntilAsync(() => node.Broken.IsCompleted);
        var before = _systemd.Count(Alive);
        for (var half = 0; half < 10; half++) time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(before, _systemd.Count(Alive));

        application.StopApplication();
        Assert.Equal(Stopping, _systemd.Heard[^1]);

        Task AdvanceUntilAsync(Func<bool> condition) => Patience.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return condition();
            },
            Soon,
            () => string.Join(' ', _systemd.Heard),
            _token);
    }

    public void Dispose()
    {
        _systemd.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>As systemd would have started this process, with WatchdogSec=60.</summary>
    private NotifyLifetime Begin(AgentNode node, IHostApplicationLifetime application, TimeProvider time)
    {
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", _systemd.Path);
        Environment.SetEnvironmentVariable("WATCHDOG_USEC", "60000000");
        try
        {
            var lifetime = new NotifyLifetime(new SystemdNotifier(), node, application, time, NullLogger<NotifyLifetime>.Instance);
            Assert.True(lifetime.WaitForStartAsync(_token).IsCompletedSuccessfully);
            return lifetime;
        }
        finally
        {
            Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
            Environment.SetEnvironmentVariable("WATCHDOG_USEC", null);
        }
    }

    private string Write()
    {
        var path = Path.Combine(_folder, "agent.properties");
        File.WriteAllLines(path, ["guid=kvm1", "hypervisor.type=simulated", "agent.data.folder=data", "pci.devices=28:00.1|10GE"]);
        return path;
    }
}
