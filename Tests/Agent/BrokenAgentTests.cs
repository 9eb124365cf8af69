using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PciBus.Agent;
using PciBus.Agent.Broker;
using PciBus.Agent.Registration;
using PciBus.Agent.Setup;
using PciBus.Contracts.Startup;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Agent;

/// <summary>An agent of which a part has failed does not go on with the rest.</summary>
public sealed class BrokenAgentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-broken-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Process_Ends_WithACodeOfItsOwn()
    {
        var time = new FailingTimeProvider();
        var path = Path.Combine(_folder, "agent.properties");
        await File.WriteAllTextAsync(path, "guid=kvm1\nhypervisor.type=simulated\nagent.data.folder=data\nbus.address=amqp://user:password@127.0.0.1:1\n", Token);
        var file = AgentPropertiesFile.Open(path, time);
        using var link = new BrokerLink(file.Properties.Connector!, TimeProvider.System, NullLogger<BrokerLink>.Instance);
        var host = HostSetup.Simulated(file, time, NullLoggerFactory.Instance);
        await using var node = new AgentNode(file, host, host, link, time, NullLoggerFactory.Instance);
        await node.StartAsync(Token);
        using var error = new StringWriter();
        var serving = RunCommand.ServeAsync(node, link, error, Token);
        Assert.False(node.Broken.IsCompleted);

        time.FailsNext = true;
        await Patience.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return serving.IsCompleted;
            },
            TimeSpan.FromSeconds(20),
            () => $"{node.Broken.Status}",
            Token);

        Assert.Equal(RunCommand.Broken, await serving);
        Assert.StartsWith("A part of the agent has failed", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PingIntervalThatNoTimerTakes_BreaksNothing()
    {
        await using var rig = await AgentRig.StartAsync();
        await rig.UntilAsync(() => rig.Link.Sent<StartupRoutingCommand>().Count > 0);
        await rig.ReceiveAsync(new StartupAnswer
        {
            Result = true,
            Nonce = rig.Link.Sent<StartupRoutingCommand>()[^1].Nonce,
            Session = 1,
            PingInterval = int.MaxValue,
        });
        await rig.UntilAsync(() => rig.Link.Sent<PingRoutingCommand>().Count == 1);
        await rig.ReceiveAsync(new CheckHealthCommand());

        await rig.UntilAsync(() => rig.Link.Sent<PingRoutingCommand>().Count == 2);
        Assert.False(rig.Node.Broken.IsCompleted);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A clock one of whose timers is not to be had.</summary>
    private sealed class FailingTimeProvider : FakeTimeProvider
    {
        private volatile bool _failsNext;

        public bool FailsNext
        {
            get => _failsNext;
            set => _failsNext = value;
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (!_failsNext) return base.CreateTimer(callback, state, dueTime, period);
            _failsNext = false;
            throw new InvalidOperationException("there is no timer");
        }
    }
}
