using PciBus.Contracts.Connection;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Registration;

/// <summary>The key of agent.properties that fills a property.</summary>
/// <param name="description">A phrase without a full stop.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AgentKeyAttribute(string name, string description) : OptionAttribute(name, description)
{
    private static readonly SettingKind PciAddresses = SettingKind.List<PciAddress>(
        "[domain:]bus:slot.function, separated by commas", text => PciAddress.TryParse(text, out var address, out _) ? address : null);

    private static readonly SettingKind Network = new("String", LibvirtNetwork.Form, LibvirtNetwork.Parse, network => $"{network}");

    /// <summary>What the agent says when the key has no value; null: it needs none.</summary>
    public string? Missing { get; init; }

    protected override SettingKind Time => SettingKind.Duration;

    public override SettingKind KindOf(Type type) =>
        type == typeof(IReadOnlyList<PciAddress>) ? PciAddresses : type == typeof(LibvirtNetwork) ? Network : base.KindOf(type);
}
