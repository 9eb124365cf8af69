using MassTransit;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

internal sealed class MigrateCommandConsumer(AgentNode node) : IConsumer<MigrateCommand>
{
    public Task Consume(ConsumeContext<MigrateCommand> context) => node.ReceiveAsync(context.Message, context.CancellationToken);
}
