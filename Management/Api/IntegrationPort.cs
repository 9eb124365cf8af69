namespace PciBus.Management.Api;

/// <summary>Marks a connection that came in on the integration port: it is the listener that is trusted, not a number.</summary>
internal sealed class IntegrationPort;
