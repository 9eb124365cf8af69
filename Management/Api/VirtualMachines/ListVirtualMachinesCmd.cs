using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.Templates;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.VirtualMachines;

[ApiCommand("listVirtualMachines", "Lists virtual machines", Response = typeof(VirtualMachineResponse), Roles = ApiRoles.Everybody)]
internal sealed class ListVirtualMachinesCmd(PciBusDbContext database, VirtualMachineQueries queries) : ApiListCommand
{
    [ApiParameter("id", "the virtual machine", Entity = typeof(VirtualMachine))]
    public long? Id { get; set; }

    [ApiParameter("ids", "these virtual machines, comma-separated", Entity = typeof(VirtualMachine))]
    public IReadOnlyList<long>? Ids { get; set; }

    [ApiParameter("name", "virtual machines with this text in their name")]
    public string? Name { get; set; }

    [ApiParameter("state", "virtual machines in this state; Present: all but the destroyed")]
    public VirtualMachineStateFilter? State { get; set; }

    [ApiParameter("zoneid", "virtual machines of this zone", Entity = typeof(Zone))]
    public long? ZoneId { get; set; }

    [ApiParameter("podid", "virtual machines on hosts of this pod", Entity = typeof(Pod))]
    public long? PodId { get; set; }

    [ApiParameter("clusterid", "virtual machines on hosts of this cluster", Entity = typeof(Cluster))]
    public long? ClusterId { get; set; }

    [ApiParameter("hostid", "virtual machines on this host", Entity = typeof(Host))]
    public long? HostId { get; set; }

    [ApiParameter("templateid", "virtual machines made of this template", Entity = typeof(Template))]
    public long? TemplateId { get; set; }

    [ApiParameter("serviceofferingid", "virtual machines of this offering", Entity = typeof(ServiceOffering))]
    public long? ServiceOfferingId { get; set; }

    [ApiParameter("pcideviceid", "the virtual machine that owns this device", Entity = typeof(PciDevice))]
    public long? PciDeviceId { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var matching = InPlace(database.Set<VirtualMachine>().AsNoTracking().Where(vm => vm.Removed == null));
        if (Id is { } id) matching = matching.Where(vm => vm.Id == id);
        if (Ids is { } ids) matching = matching.Where(vm => ids.Contains(vm.Id));
        if (Name is { Length: > 0 } name) matching = Named(matching, name);
        if (Word is { } word) matching = Named(matching, word);
        if (TemplateId is { } templateId) matching = matching.Where(vm => vm.VmTemplateId == templateId);
        if (ServiceOfferingId is { } offeringId) matching = matching.Where(vm => vm.ServiceOfferingId == offeringId);
        if (PciDeviceId is { } deviceId)
        {
            matching = matching.Where(vm => database.Set<PciDevice>().Any(device => device.Id == deviceId && device.InstanceId == vm.Id));
        }

        if (State == VirtualMachineStateFilter.Present) matching = matching.Where(vm => vm.State != VirtualMachineState.Destroyed);
        else if (State is { } wanted)
        {
            var state = Enum.Parse<VirtualMachineState>(wanted.ToString());
            matching = matching.Where(vm => vm.State == state);
        }

        return ListAsync(matching.OrderBy(vm => vm.Id), page => queries.DescribeAsync(page, cancellationToken), cancellationToken);
    }

    private IQueryable<VirtualMachine> InPlace(IQueryable<VirtualMachine> matching)
    {
        var hosts = database.Set<Host>();
        if (ZoneId is { } zoneId) matching = matching.Where(vm => vm.DataCenterId == zoneId);
        if (HostId is { } hostId) matching = matching.Where(vm => vm.HostId == hostId);
        if (PodId is { } podId) matching = matching.Where(vm => hosts.Any(host => host.Id == vm.HostId && host.PodId == podId));
        if (ClusterId is { } clusterId)
        {
            matching = matching.Where(vm => hosts.Any(host => host.Id == vm.HostId && host.ClusterId == clusterId));
        }

        return matching;
    }

    private static IQueryable<VirtualMachine> Named(IQueryable<VirtualMachine> matching, string text) => matching.Where(vm =>
        vm.Name.Folded().Contains(text.Folded())
        || vm.DisplayName!.Folded().Contains(text.Folded())
        || vm.InstanceName.Folded().Contains(text.Folded()));
}

/// <summary>Which virtual machines are listed: those in a state, or those that are there.</summary>
internal enum VirtualMachineStateFilter
{
    Starting,
    Running,
    Stopping,
    Stopped,
    Migrating,
    Destroyed,
    Error,

    /// <summary>All but the destroyed.</summary>
    Present,
}
