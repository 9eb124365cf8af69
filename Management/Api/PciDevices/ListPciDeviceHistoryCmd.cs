using Microsoft.EntityFrameworkCore;
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

    [ApiParameter("virtualmachineid", "what happened with this virtual machine", Entity = typeof(VirtualMachine))]
    public long? VirtualMachineId { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var history = database.Set<PciDeviceHistory>().AsNoTracking();
        if (Id is { } id) history = history.Where(line => line.DeviceId == id);
        if (VirtualMachineId is { } vmId) history = history.Where(line => line.VmId == vmId);
        if (Word is { } word) history = history.Where(line => line.Why.Folded().Contains(word.Folded()));
        return ListAsync(
            history.OrderByDescending(line => line.Id), page => DescribeAsync(page, cancellationToken), cancellationToken);
    }

    private Task<List<PciDeviceHistoryResponse>> DescribeAsync(IQueryable<PciDeviceHistory> page, CancellationToken cancellationToken)
    {
        var lines =
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
                Address = device == null ? null : device.AddressText,
                Name = device == null ? null : device.Name,
                Claim = line.Claim,
                VirtualMachineId = vm == null ? null : vm.Uuid,
                VirtualMachineName = vm == null ? null : vm.Name,
                HostId = host.Uuid,
                HostName = host.Name,
                JobId = job == null ? null : job.Uuid,
            };
        return lines.ToListAsync(cancellationToken);
    }
}
