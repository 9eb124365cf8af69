namespace PciBus.Management.Workflows.StopVirtualMachine;

internal enum StopStep
{
    Begin,

    /// <summary>The host was told to stop it.</summary>
    Stopping,
}
