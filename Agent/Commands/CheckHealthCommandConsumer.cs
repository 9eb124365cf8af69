using MassTransit;
using PciBus.Contracts.Startup;

namespace PciBus.Agent.Commands;

internal sealed class CheckHealthCommandConsumer(AgentNode node) : IConsumer<CheckHealthCommand>
{
    public Task Consume(ConsumeContext<CheckHealthCommand> context) => node.ReceiveAsync(context.Message, context.CancellationToken);
}
