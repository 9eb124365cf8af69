namespace PciBus.Management.Api;

/// <summary>Marks a connection that came in on the integration port: the listener is trusted, not a port number.</summary>
internal sealed class IntegrationPort;
