using MassTransit;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

internal sealed class StopCommandConsumer(AgentNode node) : IConsumer<StopCommand>
{
    public Task Consume(ConsumeContext<StopCommand> context) => node.ReceiveAsync(context.Message, context.CancellationToken);
}
