using MassTransit;
using PciBus.Contracts.Startup;

namespace PciBus.Agent.Commands;

internal sealed class StartupAnswerConsumer(AgentNode node) : IConsumer<StartupAnswer>
{
    public Task Consume(ConsumeContext<StartupAnswer> context) => node.ReceiveAsync(context.Message, context.CancellationToken);
}
