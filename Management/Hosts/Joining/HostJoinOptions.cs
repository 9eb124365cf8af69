namespace PciBus.Management.Hosts.Joining;

/// <summary>What a host that joins is told, beside its user and password.</summary>
/// <param name="BusAddressOf">Makes the broker's address for a host, from its user and password.</param>
/// <param name="BusAuthorities">PEM text of the authorities of the broker's certificate; null = those of the host.</param>
internal sealed record HostJoinOptions(Func<string, string, string> BusAddressOf, string? BusAuthorities);
