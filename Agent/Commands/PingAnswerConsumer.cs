using MassTransit;
using PciBus.Contracts.Startup;

namespace PciBus.Agent.Commands;

internal sealed class PingAnswerConsumer(AgentNode node) : IConsumer<PingAnswer>
{
    public Task Consume(ConsumeContext<PingAnswer> context) => node.ReceiveAsync(context.Message, context.CancellationToken);
}
