namespace PciBus.Management.Workflows;

/// <summary>The commands a workflow may send for its virtual machine.</summary>
internal enum VirtualMachineOrder
{
    Start,

    /// <summary>Ask the guest.</summary>
    Stop,

    /// <summary>Destroy the domain.</summary>
    ForceStop,

    /// <summary>Clean up if it is off, touch nothing if it runs.</summary>
    StopIfOff,
    Reboot,
    Check,
}
