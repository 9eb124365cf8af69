using MassTransit;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

internal sealed class CheckVirtualMachineCommandConsumer(AgentNode node) : IConsumer<CheckVirtualMachineCommand>
{
    public Task Consume(ConsumeContext<CheckVirtualMachineCommand> context) =>
        node.ReceiveAsync(context.Message, context.CancellationToken);
}
