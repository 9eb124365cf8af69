using MassTransit;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Management.Agents;

internal sealed class VirtualMachineAnswerConsumer(AgentMessages messages) : IConsumer<VirtualMachineAnswer>
{
    public Task Consume(ConsumeContext<VirtualMachineAnswer> context) => messages.AnswerAsync(context.Message, context.CancellationToken);
}
