namespace PciBus.Tests.Architecture.Canaries.Upkeep;

internal sealed class KnowsPlaces(PciBus.Management.Places.PlaceManager places)
{
    public override string ToString() => $"{places}";
}
