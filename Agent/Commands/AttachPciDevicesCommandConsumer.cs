using MassTransit;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Commands;

internal sealed class AttachPciDevicesCommandConsumer(AgentNode node) : IConsumer<AttachPciDevicesCommand>
{
    public Task Consume(ConsumeContext<AttachPciDevicesCommand> context) => node.ReceiveAsync(context.Message, context.CancellationToken);
}
