using PciBus.Management.Persistence;
using PciBus.Tests.Simulation.Faults;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Product;

/// <summary>A management server's way to the bus; the server may die before or after a message is on it.</summary>
internal sealed class ServerSender(ManagementServer server, SimulatedBus bus) : IMessageSender
{
    public async Task<Delivery> SendAsync(string destination, object message, CancellationToken cancellationToken)
    {
        server.DieAt(CrashKind.ManagementBeforeSend);
        await bus.ToAgentAsync(destination, message, server.Name);
        server.DieAt(CrashKind.ManagementAfterSend);
        return Delivery.Taken;
    }
}
