using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.PciDevices;
using PciBus.Management.Hosts;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.PciDevices;

[ApiCommand(
    "listPciDeviceHistory", "Lists what happened to PCI devices, the newest first", Response = typeof(PciDeviceHistoryResponse))]
internal sealed class ListPciDeviceHistoryCmd(PciBusDbContext database) : ApiListCommand
{
    [ApiParameter("id", "what happened to this device", Entity = typeof(PciDevice))]
    public long? Id { get; set; }

    [ApiParameter("hostid", "what happened to devices of this host, also when it was deleted", Entity = typeof(Host))]
    public long? HostId { get; set; }

    [ApiParameter("address", "what happened to devices at this address, e.g. 28:00.1 or 0000:28:00.1, also when they are gone")]
    public string? Address { get; set; }

    [ApiParameter("name", "what happened to devices that had exactly this name then")]
    public string? Name { get; set; }

    [ApiParameter("virtualmachineid", "what happened with this virtual machine", Entity = typeof(VirtualMachine))]
    public long? VirtualMachineId { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var history = database.Set<PciDeviceHistory>().AsNoTracking();
        if (Id is { } id) history = history.Where(line => line.DeviceId == id);
        if (HostId is { } hostId) history = history.Where(line => line.HostId == hostId);
        if (Address is { } text)
        {
            if (!PciAddress.TryParse(text, out var parsed, out var reason)) throw ApiException.InvalidParameter(reason);
            var address = parsed.ToString();
            history = history.Where(line => line.Address == address);
        }

        if (Name is { } name) history = history.Where(line => line.Name == name);
        if (VirtualMachineId is { } vmId) history = history.Where(line => line.VmId == vmId);
        if (Word is { } word) history = history.Where(line => line.Why.Folded().Contains(word.Folded()));
        return ListAsync(history.OrderByDescending(line => line.Id), Describe, cancellationToken);
    }

    private IQueryable<PciDeviceHistoryResponse> Describe(IQueryable<PciDeviceHistory> page) =>
        from line in page
        join host in database.Set<Host>() on line.HostId equals host.Id
        join known in database.Set<PciDevice>() on line.DeviceId equals known.Id into devices
        from device in devices.DefaultIfEmpty()
        join involved in database.Set<VirtualMachine>() on line.VmId equals involved.Id into virtualMachines
        from vm in virtualMachines.DefaultIfEmpty()
        join begun in database.Set<AsyncJob>() on line.JobId equals begun.Id into jobs
        from job in jobs.DefaultIfEmpty()
        orderby line.Id descending
        select new PciDeviceHistoryResponse
        {
            Created = line.Created,
            What = line.What,
            Why = line.Why,
            PciDeviceId = device == null ? null : device.Uuid,
            // Versions that did not write these ran beside this one: what the device has now is the best that is known.
            Address = line.Address ?? (device == null ? null : device.AddressText),
            Name = line.Name ?? (device == null ? null : device.Name),
            Claim = line.Claim,
            VirtualMachineId = vm == null ? null : vm.Uuid,
            VirtualMachineName = vm == null ? null : vm.Name,
            HostId = host.Uuid,
            HostName = host.Name,
            JobId = job == null ? null : job.Uuid,
        };
}
