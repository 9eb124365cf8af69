namespace PciBus.Management.Workflows.RebootVirtualMachine;

/// <summary>A reboot takes nothing and gives nothing back: there is nothing to remember.</summary>
internal sealed record RebootDocument;
