using Microsoft.Extensions.Hosting;

namespace PciBus.Management.Persistence;

/// <summary>Runs the outbox relay as long as the process lives.</summary>
internal sealed class OutboxRelayService(OutboxRelay relay) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => relay.RunAsync(stoppingToken);
}
