namespace PciBus.Management.Workflows.DetachPciDevices;

internal enum DetachStep
{
    Begin,

    /// <summary>The device is looked at.</summary>
    Finding,

    /// <summary>The host was told to have the guest let go of it, and to clean it.</summary>
    Detaching,
}
