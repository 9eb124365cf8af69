using System.Globalization;
using PciBus.Contracts.PciDevices;

namespace PciBus.Management.Workflows.MigrateVirtualMachine;

/// <summary>What events and refusals say of a migration.</summary>
internal static class MigrationText
{
    /// <summary>What a host did, e.g. <c>kvm1: 0000:28:00.1 Removed after 2.1 s</c>.</summary>
    public static string Devices(Answered answer) =>
        $"{answer.HostName}: {string.Join(", ", answer.DeviceOutcomes.Select(Outcome))}";

    /// <summary>How long the guest was without its devices; null when that is not known.</summary>
    public static string? Absence(Answered answer, DateTimeOffset? removedAt)
    {
        var attached = answer.DeviceOutcomes.Where(device => device.State == HotplugState.Attached)
            .Select(device => device.At).DefaultIfEmpty().Max();
        return removedAt is { } from && attached > from ? $"without devices for {Seconds(attached - from)}" : null;
    }

    public static string Failure(Answered answer) => About.Of(answer.HostName, answer.Details ?? $"it is {answer.Observed}");

    private static string Outcome(PciDeviceOutcome device) => $"{device.Address} {device.State} {After(device)}{Because(device)}";

    private static string After(PciDeviceOutcome device) => device.State == HotplugState.Reattached
        ? $"after an absence of {Seconds(TimeSpan.FromMilliseconds(device.Took))}"
        : $"after {Seconds(TimeSpan.FromMilliseconds(device.Took))}";

    private static string Because(PciDeviceOutcome device) => device.Reason is { } why ? $" ({why})" : "";

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");
}
