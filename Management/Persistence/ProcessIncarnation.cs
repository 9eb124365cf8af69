namespace PciBus.Management.Persistence;

/// <summary>This start of this process: a process that is started again is another incarnation.</summary>
internal sealed class ProcessIncarnation
{
    public string Name { get; } = Guid.NewGuid().ToString("N");
}
