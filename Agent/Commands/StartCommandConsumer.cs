using MassTransit;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

internal sealed class StartCommandConsumer(AgentNode node) : IConsumer<StartCommand>
{
    public Task Consume(ConsumeContext<StartCommand> context) => node.ReceiveAsync(context.Message, context.CancellationToken);
}
