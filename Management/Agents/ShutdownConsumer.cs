using MassTransit;
using PciBus.Contracts.Startup;

namespace PciBus.Management.Agents;

internal sealed class ShutdownConsumer(AgentMessages messages) : IConsumer<ShutdownCommand>
{
    public Task Consume(ConsumeContext<ShutdownCommand> context) => messages.ShutdownAsync(context.Message, context.CancellationToken);
}
