using CsCheck;
using PciBus.Management.Drain;
using PciBus.Management.PciDevices;

namespace PciBus.Tests.Drain;

/// <summary>Hosts to be emptied, and others that have little room.</summary>
internal static class RandomMoves
{
    internal sealed record Sketch(IReadOnlyList<MovingVm> Vms, IReadOnlyList<MoveTarget> Targets);

    public static Gen<Sketch> All { get; } = Of(8, 4);

    public static Gen<Sketch> Of(int vms, int targets) => Gen.Select(Vm.List[1, vms], Target.List[0, targets], (moving, hosts) => new Sketch(
        [.. moving.Select((vm, i) => vm with { Id = i + 1, Name = $"vm{i + 1}" })],
        [.. hosts.Select((host, i) => host with { Id = i + 1, Name = $"kvm{i + 1}" })]));

    private static Gen<MovingVm> Vm =>
        from devices in Gen.OneOf("", "10GE", "10GE", "10GE,10GE", "GPU", "10GE,GPU", "10GE,10GE,10GE")
        from cpu in Gen.Int[1, 3]
        from ram in Gen.OneOf(1, 2, 4)
        from tags in Gen.OneOf("", "", "", "ssd", "gold")
        from usual in Gen.Int[0, 11]
        select new MovingVm(0, "", PciDeviceNames.ParseList(devices), cpu, ram, tags)
        {
            Immovable = usual == 0 ? "its offering says so" : null,
            IsLeaving = usual == 1,
        };

    private static Gen<MoveTarget> Target =>
        from devices in Gen.OneOf("10GE", "10GE", "GPU").List[0, 4]
        from cpu in Gen.Int[-1, 8]
        from ram in Gen.Int[1, 10]
        from tags in Gen.OneOf("", "ssd", "gold,ssd")
        from occupants in Occupant.List[0, 2]
        select new MoveTarget(0, "", PciDeviceNames.Of(devices), cpu, ram, tags) { Occupants = occupants };

    private static Gen<Occupant> Occupant =>
        from devices in Gen.OneOf("10GE", "GPU", "10GE,10GE")
        from leaving in Gen.Bool
        select new Occupant(99, "elsewhere", PciDeviceNames.ParseList(devices), 1, 2, leaving);
}
