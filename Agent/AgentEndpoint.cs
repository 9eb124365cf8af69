using MassTransit;
using PciBus.Agent.Commands;

namespace PciBus.Agent;

/// <summary>The one queue that an agent consumes.</summary>
internal static class AgentEndpoint
{
    /// <summary>Attaches the agent's consumers to its endpoint, <see cref="Contracts.EndpointNames.Agent"/>.</summary>
    public static void Configure(IReceiveEndpointConfigurator endpoint, AgentNode node)
    {
        endpoint.Instance(new StartupAnswerConsumer(node));
        endpoint.Instance(new PingAnswerConsumer(node));
        endpoint.Instance(new ReadyCommandConsumer(node));
        endpoint.Instance(new CheckHealthCommandConsumer(node));
        endpoint.Instance(new StartCommandConsumer(node));
        endpoint.Instance(new StopCommandConsumer(node));
        endpoint.Instance(new RebootCommandConsumer(node));
        endpoint.Instance(new CheckVirtualMachineCommandConsumer(node));
        endpoint.Instance(new PrepareForMigrationCommandConsumer(node));
        endpoint.Instance(new MigrateCommandConsumer(node));
        endpoint.Instance(new CancelMigrationCommandConsumer(node));
        endpoint.Instance(new AttachPciDevicesCommandConsumer(node));
        endpoint.Instance(new DetachPciDevicesCommandConsumer(node));
        endpoint.Instance(new ResetPciDeviceCommandConsumer(node));
    }
}
