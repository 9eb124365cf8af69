using MassTransit;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

internal sealed class CancelMigrationCommandConsumer(AgentNode node) : IConsumer<CancelMigrationCommand>
{
    public Task Consume(ConsumeContext<CancelMigrationCommand> context) => node.ReceiveAsync(context.Message, context.CancellationToken);
}
