using System.Globalization;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Commands;

/// <summary>Resets and probes one device outside any VM; the hypervisor refuses a device that a domain holds.</summary>
internal sealed class ResetPciDeviceHandler(AgentSession session, DeviceCleaner cleaner, IManagementLink link)
{
    public async Task ReceiveAsync(ResetPciDeviceCommand command, CancellationToken cancellationToken)
    {
        var number = session.Number;
        var trouble = number == 0 || command.Session != number
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"not begun: the command was written for session {command.Session}, the agent is in session {number}")
            : await cleaner.TroubleAsync(command.Device, cancellationToken);
        await link.SendAsync(
            new ResetPciDeviceAnswer
            {
                CommandId = command.CommandId,
                Result = trouble is null,
                Details = trouble,
                HostGuid = session.HostGuid,
                Session = number,
                DeviceId = command.Device.Id,
                Claim = command.Device.Claim,
            },
            cancellationToken);
    }
}
