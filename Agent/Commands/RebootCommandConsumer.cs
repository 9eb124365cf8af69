using MassTransit;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

internal sealed class RebootCommandConsumer(AgentNode node) : IConsumer<RebootCommand>
{
    public Task Consume(ConsumeContext<RebootCommand> context) => node.ReceiveAsync(context.Message, context.CancellationToken);
}
