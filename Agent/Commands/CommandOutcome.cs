using System.Text.Json.Serialization;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Commands;

/// <summary>What came of carrying out a command.</summary>
internal sealed record CommandOutcome
{
    /// <summary>What was asked has been done.</summary>
    public bool Result { get; init; }

    /// <summary>Why not, or a remark.</summary>
    public string? Details { get; init; }

    /// <summary>Refused before the hypervisor was touched, for good.</summary>
    public bool NotBegun { get; init; }

    /// <summary>Devices that were reset and probed.</summary>
    public IReadOnlyList<PciDeviceCleaning> Cleaned { get; init; } = [];

    /// <summary>What became of each device that was to be detached or attached.</summary>
    public IReadOnlyList<PciDeviceOutcome> DeviceOutcomes { get; init; } = [];

    /// <summary>Where this host takes migrations; null when nobody asked.</summary>
    public string? MigrationUri { get; init; }

    /// <summary>Where the guest saw the devices that were detached for a migration.</summary>
    public IReadOnlyList<GuestPlace> GuestPlaces { get; init; } = [];

    /// <summary>The hypervisor may still be carrying it out.</summary>
    [JsonIgnore]
    public bool OutcomeUnknown { get; init; }

    /// <summary>The outcome of a command: done when all devices are as they should be, otherwise why not.</summary>
    public static CommandOutcome Of(IReadOnlyList<PciDeviceOutcome> devices, HotplugState wanted)
    {
        var others = devices.Where(device => device.State != wanted);
        var trouble = string.Join("; ", others.Select(device => $"{device.Address}: {device.Reason}"));
        return (trouble.Length == 0 ? Done() : Failed(trouble)) with { DeviceOutcomes = devices };
    }

    public static CommandOutcome Done() => new() { Result = true };

    public static CommandOutcome Failed(string details) => new() { Details = details };

    public static CommandOutcome Refused(string details) => new() { Details = details, NotBegun = true };
}
