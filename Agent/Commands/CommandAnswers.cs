using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>Answers commands for VMs: the outcome, with what a fresh look at the hypervisor shows.</summary>
internal sealed partial class CommandAnswers(
    AgentSession session,
    VirtualMachineObserver observer,
    IManagementLink link,
    TimeProvider timeProvider,
    ILogger<CommandAnswers> logger)
{
    /// <summary>Looks, and sends the answer. An answer that cannot be sent is lost: management asks again.</summary>
    /// <param name="command">The command.</param>
    /// <param name="outcome">What came of it; null when the agent died within it, so that only the look can tell.</param>
    /// <param name="isUnderWay">Whether another command for the VM is under way; asked after the look.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task SendAsync(
        VirtualMachineCommand command, CommandOutcome? outcome, Func<bool> isUnderWay, CancellationToken cancellationToken)
    {
        var (number, sequence) = session.Next();
        var seen = await observer.LookAsync(command.VmUuid, cancellationToken);
        if (isUnderWay()) seen = seen with { Observed = Observation.UnderWay };
        outcome ??= Interrupted(command, seen);
        var answer = Blank(command, outcome, seen) with
        {
            CommandId = command.CommandId,
            VmUuid = command.VmUuid,
            Result = outcome.Result,
            Details = outcome.Details ?? seen.Trouble,
            NotBegun = outcome.NotBegun,
            Cleaned = outcome.Cleaned,
            DeviceOutcomes = outcome.DeviceOutcomes,
            HostGuid = session.HostGuid,
            Session = number,
            CommandSession = command.Session,
            Sequence = sequence,
            Observed = seen.Observed,
            Status = seen.Domain?.Status,
            StartedBy = seen.Domain?.StartedBy,
            PciDevices = seen.Domain?.PciDevices ?? (seen.Observed == Observation.Off ? [] : null),
            SentAt = timeProvider.GetUtcNow(),
        };
        try
        {
            await link.SendAsync(answer, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotSent(session.HostGuid, command.VmUuid, command.CommandId, e);
        }
    }

    /// <summary>A start has succeeded when it made the domain: somebody may have started another by hand since.</summary>
    private static CommandOutcome Interrupted(VirtualMachineCommand command, Sighting seen) =>
        command is StartCommand start && seen.Observed == Observation.Running
            && (start.Vm.StartedBy is not { } number || seen.Domain?.StartedBy == number)
            ? CommandOutcome.Done()
            : CommandOutcome.Failed("interrupted by the end of the agent");

    private static VirtualMachineAnswer Blank(VirtualMachineCommand command, CommandOutcome outcome, Sighting seen) => command switch
    {
        StartCommand => new StartAnswer(),
        StopCommand => new StopAnswer(),
        RebootCommand => new RebootAnswer(),
        PrepareForMigrationCommand => new PrepareForMigrationAnswer { MigrationUri = outcome.MigrationUri },
        MigrateCommand => new MigrateAnswer { GuestPlaces = outcome.GuestPlaces },
        CancelMigrationCommand => new CancelMigrationAnswer(),
        AttachPciDevicesCommand => new AttachPciDevicesAnswer(),
        DetachPciDevicesCommand => new DetachPciDevicesAnswer(),
        CheckVirtualMachineCommand => new CheckVirtualMachineAnswer
        {
            State = seen.Observed switch
            {
                Observation.Running => PowerState.PowerOn,
                Observation.Off => PowerState.PowerOff,
                _ => PowerState.PowerUnknown,
            },
        },
        _ => throw new InvalidOperationException($"{command.GetType().Name} has no answer"),
    };

    [LoggerMessage(2201, LogLevel.Warning, "{HostGuid}: answer to {CommandId} for VM {VmUuid} could not be sent")]
    private partial void LogNotSent(string hostGuid, Guid vmUuid, Guid commandId, Exception exception);
}
