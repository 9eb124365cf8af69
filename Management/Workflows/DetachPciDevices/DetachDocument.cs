namespace PciBus.Management.Workflows.DetachPciDevices;

/// <summary>Which device is to be detached.</summary>
internal sealed record DetachDocument(long DeviceId)
{
    /// <summary>The same, once it was found to be the virtual machine's.</summary>
    public ChosenDevice? Device { get; init; }
}
