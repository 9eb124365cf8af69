using PciBus.Contracts.VirtualMachines;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>Now and then a row of the outbox is deleted and was not sent.</summary>
internal sealed class OutboxRowLost : PlantedBug
{
    private int _sent;

    public override bool Swallows(object message) => message is StopCommand && ++_sent % 10 == 0;
}
