using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Registration;

/// <summary>A good entry of <c>pci.devices</c>, or what a pattern there means: the device at this address may be handed out under this name.</summary>
internal sealed record PciDeviceEntry(PciAddress Address, string Name)
{
    /// <summary>The entry's place in the list, from 1.</summary>
    public int Position { get; init; }

    /// <summary>It is what a pattern means, and is not written out: nobody has said that it is this very device.</summary>
    public bool ByPattern { get; init; }
}
