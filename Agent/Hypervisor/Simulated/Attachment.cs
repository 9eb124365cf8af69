using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>One line of attachments.log.</summary>
internal sealed record Attachment
{
    public const string Attach = "attach";
    public const string Detach = "detach";
    public const string Start = "start";
    public const string End = "end";

    /// <summary>A domain was to get a device that another one had, and did not.</summary>
    public const string Refuse = "refuse";

    /// <summary>The host's time.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>One of the constants of this class.</summary>
    public string Event { get; init; } = "";

    /// <summary>Uuid of the domain.</summary>
    public Guid Domain { get; init; }

    /// <summary>The device; null for start and end.</summary>
    public PciAddress? Device { get; init; }
}
