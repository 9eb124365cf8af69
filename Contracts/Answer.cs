namespace PciBus.Contracts;

/// <summary>
/// What the other side says to a <see cref="Command"/>. The upper members are CloudStack's, those below the line PciBus's own.
/// </summary>
public abstract record Answer
{
    /// <summary>True when what was asked has been done.</summary>
    public bool Result { get; init; }

    /// <summary>Why not, or a remark, for the operator.</summary>
    public string? Details { get; init; }

    // -- PciBus --

    /// <summary>Id of the command this answers.</summary>
    public Guid CommandId { get; init; }
}
