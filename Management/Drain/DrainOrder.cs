namespace PciBus.Management.Drain;

/// <summary>What is to be begun now for a virtual machine on a host that is being emptied.</summary>
/// <param name="JobId">The job of the maintenance for which it leaves.</param>
/// <param name="Begun">When the order was written down; with the virtual machine, it names the order.</param>
internal sealed record DrainOrder(long VmId, string VmName, long HostId, string HostName, long JobId, DateTimeOffset Begun)
{
    /// <summary>Where the virtual machine is moved; null = it is stopped.</summary>
    public long? TargetHostId { get; init; }

    /// <summary>Its guest was asked to shut down before, in vain.</summary>
    public bool Forced { get; init; }

    /// <summary>Name of the API command that does the same, by which its job is known.</summary>
    public string Command => CommandOf(TargetHostId is null);

    public static string CommandOf(bool stops) => stops ? "stopVirtualMachine" : "migrateVirtualMachine";
}
