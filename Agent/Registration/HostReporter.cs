using System.Text.Json;
using PciBus.Agent.Commands;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Registration;

/// <summary>Looks at the host and says what it looks like; a part that cannot be collected says so instead of being empty.</summary>
internal sealed partial class HostReporter(
    IHypervisor hypervisor,
    IPciInventory inventory,
    ConfiguredDevices configured,
    CommandJournal journal,
    AgentSession session,
    ILogger<HostReporter> logger)
{
    private Dictionary<PciAddress, string> _unusable = [];
    private string _said = "";
    private long _revision;

    public async Task<HostReport> LookAsync(CancellationToken cancellationToken)
    {
        var (number, sequence) = session.Next();
        var list = await configured.FindAsync(cancellationToken);
        var warnings = new List<string>(list.Warnings);
        return Revise(new HostReport
        {
            Session = number,
            Sequence = sequence,
            BootId = await CollectAsync("boot id", hypervisor.GetBootIdAsync, warnings, cancellationToken) ?? "",
            VirtualMachines = await CollectAsync("domains", token => ListDomainsAsync(warnings, token), warnings, cancellationToken),
            PciDevices = list.Devices is { } entries
                ? await CollectAsync("PCI devices", token => ListDevicesAsync(entries, token), warnings, cancellationToken)
                : null,
            BadPciDevices = list.Bad,
            Warnings = warnings,
        });
    }

    /// <summary>
    /// The host's devices with a serial number that a report does not have, as pci.devices does not name them; null when they cannot be
    /// listed.
    /// </summary>
    public async Task<IReadOnlyList<PciDeviceTO>?> ListOthersAsync(HostReport report, CancellationToken cancellationToken)
    {
        if (report.PciDevices is not { } configured) return null;
        var named = configured.Select(device => device.Address).ToHashSet();
        var all = await CollectAsync("other PCI devices", inventory.ListPciDevicesAsync, [], cancellationToken);
        return all?.Where(device => device.Serial is not null && !named.Contains(device.Address)).ToList();
    }

    private HostReport Revise(HostReport report)
    {
        var content = JsonSerializer.Serialize(report with { Session = 0, Sequence = 0 });
        if (content != _said) (_said, _revision) = (content, _revision + 1);
        return report with { Revision = _revision };
    }

    private async Task<IReadOnlyList<DomainReport>> ListDomainsAsync(List<string> warnings, CancellationToken cancellationToken)
    {
        var domains = await hypervisor.ListDomainsAsync(cancellationToken);
        warnings.AddRange(domains.Where(domain => domain.Trouble is not null).Select(domain => $"{domain.Name}: {domain.Trouble}"));
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
        var addresses = entries.Select(entry => entry.Address).ToHashSet();
        var seen = (await inventory.ServePciDevicesAsync(addresses, cancellationToken)).ToDictionary(device => device.Address);
        List<PciDeviceTO> devices =
        [
            .. from entry in entries
               let device = seen.GetValueOrDefault(entry.Address) ?? new PciDeviceTO { Address = entry.Address, Present = false }
               select device with { Name = entry.Name },
        ];
        SayUnusable(devices);
        return devices;
    }

    private void SayUnusable(List<PciDeviceTO> devices)
    {
        var now = devices.Where(device => device.Unusable is not null).ToDictionary(device => device.Address, device => device.Unusable!);
        foreach (var device in devices.Where(device => device.Unusable != _unusable.GetValueOrDefault(device.Address)))
        {
            if (device.Unusable is { } reason) LogUnusable(session.HostGuid, device.Name, reason);
            else LogUsable(session.HostGuid, device.Address, device.Name);
        }

        _unusable = now;
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

    [LoggerMessage(1101, LogLevel.Warning, "{HostGuid}: a {Name} is given to no virtual machine: {Reason}")]
    private partial void LogUnusable(string hostGuid, string name, string reason);

    [LoggerMessage(1102, LogLevel.Information, "{HostGuid}: {Address} ({Name}) can be given to virtual machines again")]
    private partial void LogUsable(string hostGuid, PciAddress address, string name);
}
