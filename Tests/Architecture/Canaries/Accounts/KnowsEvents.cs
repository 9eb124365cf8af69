namespace PciBus.Tests.Architecture.Canaries.Accounts;

internal sealed class KnowsEvents(PciBus.Management.Events.EventManager events)
{
    public override string ToString() => $"{events}";
}
