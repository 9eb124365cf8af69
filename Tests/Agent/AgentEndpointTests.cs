using MassTransit;
using Microsoft.Extensions.Logging;
using PciBus.Agent;
using PciBus.Agent.Registration;
using PciBus.Agent.Setup;
using PciBus.Contracts;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Agent;

public sealed class AgentEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Agent_SpeaksWithManagementOverTheBus()
    {
        var folder = Directory.CreateTempSubdirectory("pcibus-bus-").FullName;
        var path = Path.Combine(folder, "agent.properties");
        File.WriteAllText(path, "guid=kvm1\nhypervisor.type=simulated\nagent.data.folder=data\nsimulator.start.time=0\npci.devices=28:00.1|10GE");
        var late = new LateLink();
        var file = AgentPropertiesFile.Open(path, TimeProvider.System);
        using var log = new RecordingLogger();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        var host = HostSetup.Simulated(file, TimeProvider.System, loggers);
        var node = new AgentNode(file, host, host, late, TimeProvider.System, loggers);
        var answered = new TaskCompletionSource<StartAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var vm = Guid.NewGuid();
        var bus = MassTransit.Bus.Factory.CreateUsingInMemory(configuration =>
        {
            configuration.ReceiveEndpoint(EndpointNames.Agent(node.Guid), endpoint => AgentEndpoint.Configure(endpoint, node));
            configuration.ReceiveEndpoint(EndpointNames.ManagementStartup, queue => queue.Handler<StartupRoutingCommand>(async context =>
            {
                var agent = await context.GetSendEndpoint(new Uri($"queue:{EndpointNames.Agent(context.Message.Guid)}"));
                await agent.Send(new StartupAnswer { Result = true, Nonce = context.Message.Nonce, Session = 1, PingInterval = 60 }, Token);
                await agent.Send(new StartCommand
                {
                    CommandId = Guid.NewGuid(),
                    Session = 1,
                    Number = 1,
                    VmUuid = vm,
                    Vm = new VirtualMachineTO { Uuid = vm, Name = "vm1", PciDevices = [context.Message.Report.PciDevices![0]] },
                }, Token);
            }));
            configuration.ReceiveEndpoint(EndpointNames.ManagementAnswers, endpoint => endpoint.Handler<StartAnswer>(context =>
            {
                // The two commands may overtake each other on the way; the refused one is sent again by management.
                answered.TrySetResult(context.Message);
                return Task.CompletedTask;
            }));
        });
        late.Bus = bus;
        await bus.StartAsync(Token);
        await node.StartAsync(Token);

        var answer = await answered.Task.WaitAsync(Patience.Times(TimeSpan.FromSeconds(8)), Token);
        Assert.Equal((vm, "kvm1"), (answer.VmUuid, answer.HostGuid));
        if (!answer.NotBegun) Assert.Equal([PciAddress.Parse("28:00.1")], answer.PciDevices!);

        await node.DisposeAsync();
        await bus.StopAsync(Token);
        // What it has published itself did not come back to it.
        Assert.DoesNotContain(log.Lines, line => line.Text.Contains("is not for an agent", StringComparison.Ordinal));
        Directory.Delete(folder, recursive: true);
    }

    private sealed class LateLink : IManagementLink
    {
        public IBus? Bus { get; set; }

        public Task SendAsync(object message, CancellationToken cancellationToken) => Bus!.Publish(message, message.GetType(), cancellationToken);
    }
}
