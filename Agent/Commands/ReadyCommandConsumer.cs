using MassTransit;
using PciBus.Contracts.Startup;

namespace PciBus.Agent.Commands;

internal sealed class ReadyCommandConsumer(AgentNode node) : IConsumer<ReadyCommand>
{
    public Task Consume(ConsumeContext<ReadyCommand> context) => node.ReceiveAsync(context.Message, context.CancellationToken);
}
