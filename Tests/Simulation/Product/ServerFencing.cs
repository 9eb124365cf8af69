using PciBus.Management.Hosts.Fencing;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Product;

/// <summary>A management server's way to the power switches: the command that it began goes on without it, should it die.</summary>
internal sealed class ServerFencing(ManagementServer server, SimulatedFencing fencing) : IFencingCommand
{
    public async Task<FencingFailure?> RunAsync(FencingAttempt attempt, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var failure = await fencing.FenceAsync(attempt.Arguments[0], timeout);
        server.ThrowIfDead();
        return failure;
    }
}
