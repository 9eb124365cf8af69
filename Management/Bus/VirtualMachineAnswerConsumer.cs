using MassTransit;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Management.Bus;

internal sealed class VirtualMachineAnswerConsumer(AgentMessages messages)
    : IConsumer<StartAnswer>, IConsumer<StopAnswer>, IConsumer<RebootAnswer>, IConsumer<CheckVirtualMachineAnswer>,
        IConsumer<PrepareForMigrationAnswer>, IConsumer<MigrateAnswer>, IConsumer<CancelMigrationAnswer>,
        IConsumer<AttachPciDevicesAnswer>, IConsumer<DetachPciDevicesAnswer>
{
    public Task Consume(ConsumeContext<StartAnswer> context) => AnswerAsync(context);

    public Task Consume(ConsumeContext<StopAnswer> context) => AnswerAsync(context);

    public Task Consume(ConsumeContext<RebootAnswer> context) => AnswerAsync(context);

    public Task Consume(ConsumeContext<CheckVirtualMachineAnswer> context) => AnswerAsync(context);

    public Task Consume(ConsumeContext<PrepareForMigrationAnswer> context) => AnswerAsync(context);

    public Task Consume(ConsumeContext<MigrateAnswer> context) => AnswerAsync(context);

    public Task Consume(ConsumeContext<CancelMigrationAnswer> context) => AnswerAsync(context);

    public Task Consume(ConsumeContext<AttachPciDevicesAnswer> context) => AnswerAsync(context);

    public Task Consume(ConsumeContext<DetachPciDevicesAnswer> context) => AnswerAsync(context);

    private Task AnswerAsync(ConsumeContext<VirtualMachineAnswer> context) =>
        messages.AnswerAsync(context.Message, context.CancellationToken);
}
