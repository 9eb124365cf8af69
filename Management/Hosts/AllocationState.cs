namespace PciBus.Management.Hosts;

/// <summary>Whether a zone, pod or cluster takes new virtual machines.</summary>
internal enum AllocationState
{
    Enabled,
    Disabled,
}
