using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.Hosts.Fencing;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A host that is not heard passes for fenced, whatever the command did.</summary>
internal sealed class FencingUnasked : PlantedBug
{
    public override void Configure(IServiceCollection services) => services.AddSingleton<IFencingCommand, Believer>();

    private sealed class Believer : IFencingCommand
    {
        public Task<FencingFailure?> RunAsync(FencingAttempt attempt, TimeSpan timeout, CancellationToken cancellationToken) =>
            Task.FromResult<FencingFailure?>(null);
    }
}
