namespace PciBus.Contracts;

/// <summary>
/// What one side asks of the other. The upper members are CloudStack's, those below the line are PciBus's own.
/// </summary>
public abstract record Command
{
    /// <summary>Seconds the sender will wait for an answer; 0 = its default.</summary>
    public int Wait { get; init; }

    // -- PciBus --

    /// <summary>Names this command for ever; sent again it keeps its id, and the answer repeats it.</summary>
    public Guid CommandId { get; init; }
}
