using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Tests.Simulation.World;

/// <summary>Messages in a line of the trace.</summary>
internal static class MessageText
{
    public static string Of(object message) => message switch
    {
        StopCommand stop => $"Stop{(stop.ForceStop ? " forced" : stop.CheckBeforeCleanup ? " if off" : "")} {Common(stop)} {Devices(stop.PciDevices)}",
        StartCommand start => $"Start {Common(start)} {Devices(start.Vm.PciDevices)}",
        PrepareForMigrationCommand prepare => $"{(prepare.Rollback ? "Roll back migration" : "Prepare for migration")} {Common(prepare)} {Devices(prepare.Vm.PciDevices)}",
        MigrateCommand migrate => $"Migrate to {migrate.HostGuid} {Common(migrate)} {Devices(migrate.PciDevices)}",
        AttachPciDevicesCommand attach => $"Attach {Common(attach)} {Devices(attach.PciDevices)}",
        DetachPciDevicesCommand detach => $"Detach {Common(detach)} {Devices(detach.PciDevices)}",
        VirtualMachineCommand command => $"{command.GetType().Name} {Common(command)}",
        VirtualMachineAnswer answer => $"{answer.GetType().Name} {answer.CommandId} of VM {answer.VmUuid} in session {answer.Session}.{answer.Sequence}: "
            + $"{answer.Observed}{(answer.Status is { } status ? $" ({status})" : "")}{(answer.Result ? "" : $", failed{(answer.NotBegun ? ", not begun" : "")}: {answer.Details}")}"
            + string.Concat(answer.DeviceOutcomes.Select(device => $", {device.Address} {device.State}"))
            + (answer.Cleaned.All(device => device.Clean) ? "" : ", not clean"),
        StartupRoutingCommand startup => $"Startup {startup.Nonce} after session {startup.PreviousSession}, {Report(startup.Report)}",
        StartupAnswer answer => $"StartupAnswer {answer.Nonce}: session {answer.Session}",
        PingRoutingCommand ping => $"Ping {ping.Report.Session}.{ping.Report.Sequence}, {Report(ping.Report)}",
        PingAnswer answer => $"PingAnswer: session {answer.Session} is not known",
        ReadyCommand => "Ready",
        ResetPciDeviceCommand reset => $"Reset {reset.CommandId} {reset.Device.Address}, session {reset.Session}",
        ResetPciDeviceAnswer answer => $"ResetAnswer {answer.CommandId}: {(answer.Result ? "clean" : answer.Details)}",
        _ => message.GetType().Name,
    };

    private static string Common(VirtualMachineCommand command) =>
        $"{command.CommandId} VM {command.VmName} {command.VmUuid}, session {command.Session}, number {command.Number}";

    private static string Devices(IEnumerable<PciDeviceTO> devices) =>
        $"[{string.Join(' ', devices.Select(device => $"{device.Address}/{device.Claim}"))}]";

    private static string Report(HostReport report) =>
        $"{report.PciDevices?.Count} devices, domains: {string.Join(", ", (report.VirtualMachines ?? []).Select(domain => $"{domain.Name} {domain.State}"))}";
}
