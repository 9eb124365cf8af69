using CsCheck;
using PciBus.Management.Drain;
using PciBus.Management.PciDevices;

namespace PciBus.Tests.Drain;

/// <summary>Hosts to be emptied, and others that have little room.</summary>
internal static class RandomMoves
{
    internal sealed record Sketch(IReadOnlyList<MovingVm> Vms, IReadOnlyList<MoveTarget> Targets);

    public static Gen<Sketch> All { get; } = Of(8, 4);

    /// <summary>Each needs one device; processors and RAM are plenty.</summary>
    public static Gen<Sketch> OneDeviceEach { get; } = Gen.Select(Of(8, 4), Gen.OneOf("10GE", "GPU").List[8], (sketch, names) => new Sketch(
        [.. sketch.Vms.Select((vm, i) => vm with { PciDevices = PciDeviceNames.ParseList(names[i]) })],
        [.. sketch.Targets.Select(target => target with { Cpu = 1000, Ram = 1000 })]));

    public static Gen<Sketch> Of(int vms, int targets) => Gen.Select(Vm.List[1, vms], Target.List[0, targets], (moving, hosts) => new Sketch(
        [.. moving.Select((vm, i) => vm with { Id = i + 1, Name = $"vm{i + 1}" })],
        [.. hosts.Select((host, i) => host with
        {
            Id = i + 1,
            Name = $"kvm{i + 1}",
            Occupants = [.. host.Occupants.Select((occupant, j) => occupant with { VmId = (100 * (i + 1)) + j })],
        })]));

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
        select new Occupant(0, "elsewhere", PciDeviceNames.ParseList(devices), 1, 2, leaving);
}
