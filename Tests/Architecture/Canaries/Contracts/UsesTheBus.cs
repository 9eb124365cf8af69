namespace PciBus.Tests.Architecture.Canaries.Contracts;

internal sealed class UsesTheBus
{
    public MassTransit.IBus? Bus { get; set; }
}
