using MassTransit;
using PciBus.Contracts.PciDevices;

namespace PciBus.Management.Agents;

internal sealed class ResetPciDeviceAnswerConsumer(AgentMessages messages) : IConsumer<ResetPciDeviceAnswer>
{
    public Task Consume(ConsumeContext<ResetPciDeviceAnswer> context) => messages.AnswerAsync(context.Message, context.CancellationToken);
}
