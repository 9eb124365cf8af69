namespace PciBus.Management.Places;

/// <summary>Whether a zone, pod or cluster takes new virtual machines.</summary>
internal enum AllocationState
{
    Enabled,
    Disabled,
}
