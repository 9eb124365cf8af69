using Microsoft.EntityFrameworkCore;
using PciBus.Management.Accounts;
using PciBus.Management.Api.PciDevices;
using PciBus.Management.Hosts;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.Templates;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.VirtualMachines;

/// <summary>Describes virtual machines for callers: one query for them, one for their devices.</summary>
internal sealed class VirtualMachineQueries(PciBusDbContext database, MigrationQueries migrations)
{
    /// <summary>Reads virtual machines with all names, in the order of their ids.</summary>
    public async Task<List<VirtualMachineResponse>> DescribeAsync(
        IQueryable<VirtualMachine> virtualMachines, CancellationToken cancellationToken)
    {
        var responses = await Describe(virtualMachines).ToListAsync(cancellationToken);
        var devices = await DevicesAsync([.. responses.Select(response => response.InternalId)], cancellationToken);
        var migrating = responses.Where(response => response.State == VirtualMachineState.Migrating || response.JobId is not null)
            .Select(response => response.InternalId).ToList();
        var underWay = migrating.Count > 0 ? await migrations.UnderWayAsync(migrating, cancellationToken) : [];
        foreach (var response in responses)
        {
            response.PciDevices = [.. devices[response.InternalId]];
            response.Migration = underWay.GetValueOrDefault(response.InternalId).Migration;
        }

        return responses;
    }

    private IQueryable<VirtualMachineResponse> Describe(IQueryable<VirtualMachine> virtualMachines)
    {
        var jobs = database.Set<AsyncJob>();
        return from vm in virtualMachines
               join zone in database.Set<Zone>() on vm.DataCenterId equals zone.Id
               join offering in database.Set<ServiceOffering>() on vm.ServiceOfferingId equals offering.Id
               join template in database.Set<Template>() on vm.VmTemplateId equals template.Id
               join account in database.Set<Account>() on vm.AccountId equals account.Id
               join user in database.Set<User>() on vm.UserId equals user.Id
               join domain in database.Set<Domain>() on vm.DomainId equals domain.Id
               join place in database.Set<Host>() on vm.HostId equals place.Id into places
               from host in places.DefaultIfEmpty()
               orderby vm.Id
               select new VirtualMachineResponse
               {
                   InternalId = vm.Id,
                   Id = vm.Uuid,
                   Name = vm.Name,
                   DisplayName = vm.DisplayName ?? vm.Name,
                   InstanceName = vm.InstanceName,
                   State = vm.State,
                   DomainStatus = vm.DomainStatus,
                   Account = account.AccountName,
                   UserId = user.Uuid,
                   Username = user.Username,
                   DomainId = domain.Uuid,
                   Domain = domain.Name,
                   ZoneId = zone.Uuid,
                   ZoneName = zone.Name,
                   HostId = host == null ? null : host.Uuid,
                   HostName = host == null ? null : host.Name,
                   TemplateId = template.Uuid,
                   TemplateName = template.Name,
                   TemplateDisplayText = template.DisplayText,
                   ServiceOfferingId = offering.Uuid,
                   ServiceOfferingName = offering.Name,
                   CpuNumber = offering.Cpu,
                   CpuSpeed = offering.Speed,
                   Memory = offering.RamSize,
                   HaEnable = offering.HaEnabled,
                   DegradedSince = vm.DegradedSince,
                   DegradedReason = vm.DegradedWhy,
                   Created = vm.Created,
                   LastUpdated = vm.UpdateTime,
                   JobId = jobs
                       .Where(job => job.InstanceType == nameof(VirtualMachine) && job.InstanceId == vm.Id
                           && job.JobStatus == JobStatus.InProgress)
                       .OrderBy(job => job.Id)
                       .Select(job => (Guid?)job.Uuid)
                       .FirstOrDefault(),
               };
    }

    private async Task<ILookup<long, VirtualMachinePciDeviceResponse>> DevicesAsync(List<long> vmIds, CancellationToken cancellationToken)
    {
        var rows =
            from device in database.Set<PciDevice>()
            where vmIds.Contains(device.InstanceId!.Value)
            join vm in database.Set<VirtualMachine>() on device.InstanceId equals vm.Id
            join host in database.Set<Host>() on device.HostId equals host.Id
            orderby host.Name, device.Domain, device.Bus, device.Slot, device.Function
            select new
            {
                VmId = vm.Id,
                Response = new VirtualMachinePciDeviceResponse
                {
                    Id = device.Uuid,
                    Name = device.ClaimedName ?? device.Name,
                    Address = device.AddressText,
                    HostId = host.Uuid,
                    HostName = host.Name,
                    State = vm.HostId == device.HostId || (vm.State == VirtualMachineState.Migrating && vm.LastHostId == device.HostId)
                        ? nameof(PciDeviceState.Allocated)
                        : nameof(PciDeviceState.Stray),
                },
            };
        return (await rows.ToListAsync(cancellationToken)).ToLookup(row => row.VmId, row => row.Response);
    }
}
