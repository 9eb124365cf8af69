using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.Hosts;

[ApiCommand("listHosts", "Lists hosts", Response = typeof(HostResponse))]
internal sealed class ListHostsCmd(PciBusDbContext database) : ApiListCommand
{
    [ApiParameter("id", "the host", Entity = typeof(Host))]
    public long? Id { get; set; }

    [ApiParameter("name", "the host's name")]
    public string? Name { get; set; }

    [ApiParameter("zoneid", "hosts of this zone", Entity = typeof(Zone))]
    public long? ZoneId { get; set; }

    [ApiParameter("podid", "hosts of this pod", Entity = typeof(Pod))]
    public long? PodId { get; set; }

    [ApiParameter("clusterid", "hosts of this cluster", Entity = typeof(Cluster))]
    public long? ClusterId { get; set; }

    [ApiParameter("state", "hosts with this state, e.g. Up")]
    public HostStatus? State { get; set; }

    [ApiParameter("resourcestate", "hosts with this resource state, e.g. Enabled")]
    public ResourceState? ResourceState { get; set; }

    [ApiParameter("virtualmachineid", "the host of this virtual machine", Entity = typeof(VirtualMachine))]
    public long? VirtualMachineId { get; set; }

    [ApiParameter("type", "Routing, or nothing is listed")]
    public string? Type { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var hosts = database.Set<Host>().AsNoTracking().Where(host => host.Removed == null);
        if (Id is { } id) hosts = hosts.Where(host => host.Id == id);
        if (ZoneId is { } zoneId) hosts = hosts.Where(host => host.DataCenterId == zoneId);
        if (PodId is { } podId) hosts = hosts.Where(host => host.PodId == podId);
        if (ClusterId is { } clusterId) hosts = hosts.Where(host => host.ClusterId == clusterId);
        if (State is { } state) hosts = hosts.Where(host => host.Status == state);
        if (ResourceState is { } resourceState) hosts = hosts.Where(host => host.ResourceState == resourceState);
        if (VirtualMachineId is { } vmId)
        {
            hosts = hosts.Where(host => database.Set<VirtualMachine>().Any(vm => vm.Id == vmId && vm.HostId == host.Id));
        }

        if (Type is { } type && !type.Equals("Routing", StringComparison.OrdinalIgnoreCase)) hosts = hosts.Where(_ => false);
        if (Word is { } word) hosts = hosts.Where(host => host.Name.Folded().Contains(word.Folded()));
        hosts = await NamedAsync(hosts, Name, cancellationToken);
        return await ListAsync(
            hosts.OrderBy(host => host.Name).ThenBy(host => host.Id),
            page => HostQueries.Describe(database, page),
            cancellationToken);
    }
}
