namespace PciBus.Management.Workflows.StopVirtualMachine;

/// <summary>What a stop, or the stop before a destruction, has to do.</summary>
internal sealed record StopDocument
{
    /// <summary>Destroy the domain instead of asking the guest. It never means "assume it is off".</summary>
    public bool Forced { get; init; }

    /// <summary>After the stop the virtual machine is destroyed.</summary>
    public bool Destroy { get; init; }

    /// <summary>After its destruction it is expunged.</summary>
    public bool Expunge { get; init; }
}
