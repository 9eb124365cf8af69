using PciBus.Management.PciDevices;

namespace PciBus.Management.Drain;

/// <summary>A host to which virtual machines may be moved, with what it has free now.</summary>
/// <param name="Free">Devices that could be given away, as placement counts them.</param>
/// <param name="Cpu">MHz.</param>
/// <param name="Ram">Bytes.</param>
/// <param name="HostTags">Its tags, canonical.</param>
internal sealed record MoveTarget(long Id, string Name, PciDeviceNames Free, long Cpu, long Ram, string HostTags)
{
    public Guid Uuid { get; init; }

    /// <summary>The virtual machines that have something there that may come free.</summary>
    public IReadOnlyList<Occupant> Occupants { get; init; } = [];

    public bool HasTagsOf(MovingVm vm) => Hosts.HostTags.Cover(HostTags, vm.HostTags);

    public bool Fits(MovingVm vm) => HasTagsOf(vm) && Free.Covers(vm.PciDevices) && Cpu >= vm.Cpu && Ram >= vm.Ram;

    /// <summary>What is free on the host after a virtual machine has come.</summary>
    public MoveTarget Less(MovingVm vm) => this with { Free = Free.Except(vm.PciDevices), Cpu = Cpu - vm.Cpu, Ram = Ram - vm.Ram };
}
