using MassTransit;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Management.Agents;

internal sealed class VirtualMachineAnswerConsumer(AgentMessages messages)
    : IConsumer<StartAnswer>, IConsumer<StopAnswer>, IConsumer<RebootAnswer>, IConsumer<CheckVirtualMachineAnswer>
{
    public Task Consume(ConsumeContext<StartAnswer> context) => messages.AnswerAsync(context.Message, context.CancellationToken);

    public Task Consume(ConsumeContext<StopAnswer> context) => messages.AnswerAsync(context.Message, context.CancellationToken);

    public Task Consume(ConsumeContext<RebootAnswer> context) => messages.AnswerAsync(context.Message, context.CancellationToken);

    public Task Consume(ConsumeContext<CheckVirtualMachineAnswer> context) =>
        messages.AnswerAsync(context.Message, context.CancellationToken);
}
