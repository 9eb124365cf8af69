using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
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
        using var error = new StringWriter();
        var application = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        var service = new AgentService(node, link, error, application);
        await service.StartAsync(Token);
        Assert.False(node.Broken.IsCompleted);

        time.FailsNext = true;
        await Patience.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return application.ApplicationStopping.IsCancellationRequested;
            },
            TimeSpan.FromSeconds(20),
            () => $"{node.Broken.Status}",
            Token);

        Assert.Equal(RunCommand.Broken, await service.Served);
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
}
