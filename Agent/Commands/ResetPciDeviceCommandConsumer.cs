using MassTransit;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Commands;

internal sealed class ResetPciDeviceCommandConsumer(AgentNode node) : IConsumer<ResetPciDeviceCommand>
{
    public Task Consume(ConsumeContext<ResetPciDeviceCommand> context) => node.ReceiveAsync(context.Message, context.CancellationToken);
}
