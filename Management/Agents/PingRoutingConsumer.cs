using MassTransit;
using PciBus.Contracts.Startup;

namespace PciBus.Management.Agents;

internal sealed class PingRoutingConsumer(AgentMessages messages) : IConsumer<PingRoutingCommand>
{
    public Task Consume(ConsumeContext<PingRoutingCommand> context) => messages.PingAsync(context.Message, context.CancellationToken);
}
