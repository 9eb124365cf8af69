using MassTransit;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

internal sealed class PrepareForMigrationCommandConsumer(AgentNode node) : IConsumer<PrepareForMigrationCommand>
{
    public Task Consume(ConsumeContext<PrepareForMigrationCommand> context) => node.ReceiveAsync(context.Message, context.CancellationToken);
}
