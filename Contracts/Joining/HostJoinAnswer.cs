namespace PciBus.Contracts.Joining;

/// <summary>What a host that has joined needs for its connection with the broker; or why it has not.</summary>
public sealed record HostJoinAnswer
{
    /// <summary>Null when it has joined.</summary>
    public string? Refusal { get; init; }

    /// <summary>The host's <c>bus.address</c>, with user and password; null when it has not joined.</summary>
    public string? BusAddress { get; init; }

    /// <summary>PEM text of the authorities of the broker's certificate; null = those of the machine.</summary>
    public string? BusAuthorities { get; init; }
}
