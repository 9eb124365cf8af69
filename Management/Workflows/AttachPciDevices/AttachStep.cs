namespace PciBus.Management.Workflows.AttachPciDevices;

internal enum AttachStep
{
    Begin,

    /// <summary>A device is being claimed.</summary>
    Claiming,

    /// <summary>The host was told to attach it.</summary>
    Attaching,

    /// <summary>It could not be attached: the host was told to see to it that the virtual machine does not have it, and to clean it.</summary>
    TakingBack,
}
