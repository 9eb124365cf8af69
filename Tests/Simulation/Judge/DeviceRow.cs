using PciBus.Contracts.PciDevices;

namespace PciBus.Tests.Simulation.Judge;

internal sealed record DeviceRow(
    long Id,
    string Host,
    PciAddress Address,
    long? Owner,
    long Claim,
    string? ClaimedName,
    bool Quarantined,
    bool Configured,
    string ReportedName,
    Guid? SeenIn,
    string? HealthReason)
{
    public override string ToString() => $"{Host} {Address} (claim {Claim})";
}
