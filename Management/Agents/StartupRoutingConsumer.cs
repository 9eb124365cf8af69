using MassTransit;
using PciBus.Contracts.Startup;

namespace PciBus.Management.Agents;

internal sealed class StartupRoutingConsumer(AgentMessages messages) : IConsumer<StartupRoutingCommand>
{
    public Task Consume(ConsumeContext<StartupRoutingCommand> context) => messages.StartupAsync(context.Message, context.CancellationToken);
}
