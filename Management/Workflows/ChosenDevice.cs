namespace PciBus.Management.Workflows;

/// <summary>The device that a workflow is about.</summary>
/// <param name="Address">In full.</param>
/// <param name="Name">The name under which it was claimed.</param>
/// <param name="IsNew">The workflow has claimed it; else the virtual machine owned it before.</param>
internal sealed record ChosenDevice(long Id, string Address, string Name, bool IsNew)
{
    public override string ToString() => $"{Address} ({Name})";
}
