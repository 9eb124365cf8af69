namespace PciBus.Management.Workflows.StartVirtualMachine;

internal enum StartStep
{
    Begin,

    /// <summary>A host is being looked for.</summary>
    Planning,

    /// <summary>The chosen host was told to start it.</summary>
    Starting,

    /// <summary>The host was asked what it sees, after a start that nobody knows the end of.</summary>
    Checking,

    /// <summary>Another host runs the virtual machine, as its report says: that one was asked.</summary>
    Doubting,

    /// <summary>The host was told to make sure it is off, with clean devices.</summary>
    CleaningUp,
}
