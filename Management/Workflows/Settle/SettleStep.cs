namespace PciBus.Management.Workflows.Settle;

internal enum SettleStep
{
    Begin,

    /// <summary>The host was asked to clean up if the virtual machine is off there.</summary>
    Asking,

    /// <summary>It runs there, and should run on another host: that one was asked.</summary>
    Confirming,

    /// <summary>The host was told to end a copy that should not run there.</summary>
    EndingCopy,
}
