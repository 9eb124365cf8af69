namespace PciBus.Management.Hosts.Fencing;

/// <summary>A fencing command did not say that the host is fenced.</summary>
/// <param name="What">E.g. "exit code 1".</param>
/// <param name="Said">The last line of its stderr; null for none.</param>
internal sealed record FencingFailure(string What, string? Said);
