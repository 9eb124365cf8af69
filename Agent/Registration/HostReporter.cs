using System.Text.Json;
using PciBus.Agent.Commands;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Registration;

/// <summary>Looks at the host and says what it looks like; a part that cannot be collected says so instead of being empty.</summary>
internal sealed class HostReporter(
    IHypervisor hypervisor, IPciInventory inventory, AgentPropertiesFile file, CommandJournal journal, AgentSession session)
{
    private string _said = "";
    private long _revision;

    public async Task<HostReport> LookAsync(CancellationToken cancellationToken)
    {
        var (number, sequence) = session.Next();
        var list = file.Devices;
        var warnings = new List<string>(list.Warnings);
        return Revise(new HostReport
        {
            Session = number,
            Sequence = sequence,
            BootId = await CollectAsync("boot id", hypervisor.GetBootIdAsync, warnings, cancellationToken) ?? "",
            VirtualMachines = await CollectAsync("domains", ListDomainsAsync, warnings, cancellationToken),
            PciDevices = list.Devices is { } entries
                ? await CollectAsync("PCI devices", token => ListDevicesAsync(entries, token), warnings, cancellationToken)
                : null,
            BadPciDevices = list.Bad,
            Warnings = warnings,
        });
    }

    private HostReport Revise(HostReport report)
    {
        var content = JsonSerializer.Serialize(report with { Session = 0, Sequence = 0 });
        if (content != _said) (_said, _revision) = (content, _revision + 1);
        return report with { Revision = _revision };
    }

    private async Task<IReadOnlyList<DomainReport>> ListDomainsAsync(CancellationToken cancellationToken)
    {
        var domains = await hypervisor.ListDomainsAsync(cancellationToken);
        // A VM whose command a crash interrupted may come to be at any moment: leaving it out would say that it is off.
        var interrupted = journal.Interrupted.Where(entry => domains.All(domain => domain.Uuid != entry.VmUuid));
        return
        [
            .. domains.Select(domain => new DomainReport
            {
                Uuid = domain.Uuid,
                Name = domain.Name,
                State = domain.HasJob ? PowerState.PowerUnknown : PowerState.PowerOn,
                Status = domain.Status,
                PciDevices = domain.PciDevices,
            }),
            .. interrupted.Select(entry => new DomainReport
            {
                Uuid = entry.VmUuid, Name = entry.VmName, State = PowerState.PowerUnknown,
            }),
        ];
    }

    private async Task<IReadOnlyList<PciDeviceTO>> ListDevicesAsync(
        IReadOnlyList<PciDeviceEntry> entries, CancellationToken cancellationToken)
    {
        var devices = new List<PciDeviceTO>(entries.Count);
        foreach (var entry in entries)
        {
            var found = await inventory.FindPciDeviceAsync(entry.Address, cancellationToken)
                ?? new PciDeviceTO { Address = entry.Address, Present = false };
            devices.Add(found with { Name = entry.Name });
        }

        return devices;
    }

    private static async Task<T?> CollectAsync<T>(
        string what, Func<CancellationToken, Task<T>> collect, List<string> warnings, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await collect(cancellationToken);
        }
        catch (HypervisorException e)
        {
            warnings.Add($"the host's {what} could not be read: {e.Message}");
            return null;
        }
    }
}
