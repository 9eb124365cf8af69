namespace PciBus.Management.Hosts.Maintenance;

/// <summary>A host that is being emptied: one row of <c>host_maintenance</c>, which goes when it is empty, given up or cancelled.</summary>
internal sealed class HostMaintenance
{
    /// <summary>Name of the job that empties hosts; a move or stop that has ended on such a host wakes it.</summary>
    public const string Job = "host.maintenance";

    public long HostId { get; set; }
    public PciStrategy Strategy { get; set; }

    /// <summary>The job that ends when the host is empty.</summary>
    public long JobId { get; set; }
    public DateTimeOffset Created { get; set; }
    public long UpdateCount { get; set; }
}
