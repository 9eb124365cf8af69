using MassTransit;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Commands;

internal sealed class DetachPciDevicesCommandConsumer(AgentNode node) : IConsumer<DetachPciDevicesCommand>
{
    public Task Consume(ConsumeContext<DetachPciDevicesCommand> context) => node.ReceiveAsync(context.Message, context.CancellationToken);
}
