using CsCheck;
using PciBus.Management.Drain;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.PciDevices;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Drain;

/// <summary>Which virtual machines are moved where when a host is emptied, and why the others are not.</summary>
public sealed class DrainPlannerTests
{
    private static readonly MoveEstimates Estimates = new(TimeSpan.FromSeconds(10), 1L << 30);

    /// <summary>A search with it takes some milliseconds.</summary>
    private const long SmallBudget = 200_000;

    [Fact]
    public void Vm_MovesLive_OrIsWithoutItsDevicesForAWhile()
    {
        var plan = Plan([Vm(1, "", ram: 8), Vm(2, "10GE", ram: 8)], Host(7, "10GE"));

        Assert.Equal([(1, MoveOutcome.Live, 7L), (2, MoveOutcome.DetachAttach, 7L)], plan.Moves.Select(move => (move.Vm.Id, move.Outcome, move.Target!.Id)));
        Assert.Equal([null, TimeSpan.FromSeconds(18)], plan.Moves.Select(move => move.Absence));
        Assert.Equal((2, 2), (plan.Placed, plan.Most));
    }

    [Fact]
    public void VmsThatCompete_AreMatched_SoThatMostMove()
    {
        // A virtual machine that takes the first host that fits leaves nothing for the second.
        var plan = Plan([Vm(1, "10GE"), Vm(2, "10GE", tags: "ssd")], Host(7, "10GE", tags: "ssd"), Host(8, "10GE"));

        Assert.Equal([(1L, 8L), (2, 7)], plan.Moves.Select(move => (move.Vm.Id, move.Target!.Id)));
    }

    [Fact]
    public void OneThatAsksForMuch_GivesWay_WhenMoreOthersMoveInstead()
    {
        var plan = Plan([Vm(1, "10GE,10GE,10GE"), Vm(2, "10GE"), Vm(3, "10GE"), Vm(4, "10GE")], Host(7, "10GE,10GE,10GE"));

        Assert.Equal([2L, 3, 4], plan.Moves.Where(MovesNow).Select(move => move.Vm.Id));
    }

    [Fact]
    public void Vm_Waits_ForOneThatIsLeaving_AndIsToldWho()
    {
        var leaving = new Occupant(20, "off", PciDeviceNames.ParseList("10GE"), 1, 1, IsLeaving: true);
        var plan = Plan([Vm(1, "10GE"), Vm(2, "10GE")], Host(7, "10GE") with { Occupants = [leaving, leaving with { VmId = 21, IsLeaving = false }] });

        Assert.Equal([MoveOutcome.DetachAttach, MoveOutcome.Waits], plan.Moves.Select(move => move.Outcome));
        Assert.Equal((7L, 20L), (plan.Moves[1].Target!.Id, plan.Moves[1].WaitsFor.Single().VmId));
    }

    [Fact]
    public void Vm_Waits_ForTheFewestWhoseStopMakesRoom()
    {
        var plan = Plan(
            [Vm(1, "GPU,GPU")],
            Host(7, "GPU") with { Occupants = [Holder(20, "10GE")] },
            Host(8, "") with { Occupants = [Holder(21, "GPU"), Holder(22, "GPU")] },
            Host(9, "") with { Occupants = [Holder(23, "GPU"), Holder(24, "GPU,GPU")] });

        Assert.Equal((MoveOutcome.Waits, null), (plan.Moves[0].Outcome, plan.Moves[0].Target));
        Assert.Equal([24L], plan.Moves[0].WaitsFor.Select(occupant => occupant.VmId));
    }

    [Fact]
    public void Vm_CannotMove_ForReasonsThatAlikeHostsShare()
    {
        var plan = Plan([Vm(1, "GPU", ram: 8, tags: "ssd")], Host(7, "", ram: 4), Host(8, "", ram: 4), Host(9, "GPU", tags: "ssd", ram: 8), Host(10, "GPU", tags: "ssd", ram: 4));
        Assert.Equal((MoveOutcome.DetachAttach, 9L), (plan.Moves[0].Outcome, plan.Moves[0].Target!.Id));

        plan = Plan([Vm(1, "GPU", ram: 8, tags: "ssd")], Host(7, "", ram: 4), Host(8, "", ram: 4), Host(10, "GPU", tags: "ssd", ram: 4));
        Assert.Equal(MoveOutcome.Cannot, plan.Moves[0].Outcome);
        Assert.Equal(
            ["kvm7, kvm8: it has not all of the tags ssd, GPU: 1 asked, 0 left, RAM: 8192 MiB asked, 4096 left", "kvm10: RAM: 8192 MiB asked, 4096 left"],
            plan.Moves[0].Reasons);
        Assert.Equal(["there is no other host that is Up and Enabled to which it may go"], Plan([Vm(1, "")]).Moves[0].Reasons);
    }

    [Fact]
    public void VmThatMayNotMove_AndOneThatIsLeaving_TakeNobodysRoom()
    {
        var plan = Plan([Vm(1, "GPU") with { Immovable = "forbidden" }, Vm(2, "GPU") with { IsLeaving = true }, Vm(3, "GPU")], Host(7, "GPU"));

        Assert.Equal(
            [(3L, MoveOutcome.DetachAttach), (2, MoveOutcome.Leaves), (1, MoveOutcome.Cannot)], plan.Moves.Select(move => (move.Vm.Id, move.Outcome)));
        Assert.Equal(["forbidden"], plan.Moves[2].Reasons);
    }

    [Fact]
    public void Vm_WaitsForOneThatComesByThePlan_OnlyWhereNobodyElseHasADevice()
    {
        MovingVm[] vms = [Vm(1, "GPU"), Vm(2, "GPU")];

        var alone = Plan(vms, Host(7, "GPU")).Moves[1];
        var beside = Plan(vms, Host(7, "GPU"), Host(8, "") with { Occupants = [Holder(20, "GPU")] }).Moves[1];

        Assert.Equal((MoveOutcome.Waits, 7, 1L), (alone.Outcome, alone.WaitsAt!.Id, alone.WaitsFor.Single().VmId));
        Assert.Equal((MoveOutcome.Waits, 8, 20L), (beside.Outcome, beside.WaitsAt!.Id, beside.WaitsFor.Single().VmId));
    }

    [Fact]
    public void Vm_WaitsForThoseAlone_WhoFreeWhatItLacks()
    {
        var plan = Plan([Vm(1, "GPU"), Vm(2, "10GE")], Host(7, "") with { Occupants = [Leaving(20, "10GE"), Leaving(21, "GPU"), Leaving(22, "FPGA")] });

        Assert.Equal([(1L, 21L), (2, 20)], plan.Moves.Select(move => (move.Vm.Id, move.WaitsFor.Single().VmId)));
    }

    [Fact]
    public void Plan_MovesAsManyAsBruteForceDoes_AndEachFindsItsRoom() => RandomMoves.All.Holds(
        sketch =>
        {
            var plan = DrainPlanner.Plan(sketch.Vms, sketch.Targets, Estimates);
            var most = Most(sketch, withLeaving: true);
            Assert.Equal((most, most), (plan.Placed, plan.Most));
            AssertRoom(sketch, plan.Moves.Where(MovesNow), withLeaving: false);
            AssertRoom(sketch, plan.Moves.Where(move => move.Target is not null), withLeaving: true);
            Assert.Equal(sketch.Vms.Select(vm => vm.Id), plan.Moves.Select(move => move.Vm.Id).Order());
            Assert.All(plan.Moves.Where(move => move is { Outcome: MoveOutcome.Waits, Target: not null }), move => Assert.NotEmpty(move.WaitsFor));
            if (Most(sketch, withLeaving: false) == most) Assert.DoesNotContain(plan.Moves, move => move.Target is not null && !MovesNow(move));
        },
        iter: 1000);

    [Fact]
    public void Search_OfMany_FindsNoMoreThanTheMaximum_AndItsBoundIsNotBelow() => RandomMoves.All.Holds(
        sketch =>
        {
            var problem = Problem(sketch);
            var (found, most) = (MoveSearch.Solve(problem, SmallBudget), MoveSubsets.Solve(problem));
            Assert.InRange(most.Count, found.Count, found.Bound);
        },
        iter: 1000);

    [Fact]
    public void Search_WhereEachNeedsOneDevice_FindsTheMaximum_AndProvesIt() => RandomMoves.OneDeviceEach.Holds(
        sketch =>
        {
            var found = MoveSearch.Solve(Problem(sketch), SmallBudget);
            var most = Most(sketch, withLeaving: false);
            Assert.Equal((most, most), (found.Count, found.Bound));
        },
        iter: 1000);

    [Fact]
    public void Search_OfMany_AlwaysEndsTheSame_WithNobodyLeftForWhomThereIsRoom() => RandomMoves.Of(40, 8).Holds(
        sketch =>
        {
            var problem = Problem(sketch);
            var found = MoveSearch.Solve(problem, SmallBudget);
            var left = problem.Room.Select(room => (long[])room.Clone()).ToArray();
            for (var vm = 0; vm < found.Hosts.Count; vm++)
            {
                if (found.Hosts[vm] >= 0) MoveDimensions.Add(left[found.Hosts[vm]], problem.Asked[vm], -1);
            }

            Assert.Equal(found.Hosts, MoveSearch.Solve(problem, SmallBudget).Hosts);
            Assert.All(Enumerable.Range(0, left.Length).Where(found.Hosts.Contains), host => Assert.All(left[host][MoveDimensions.FirstName..], devices => Assert.True(devices >= 0)));
            Assert.DoesNotContain(
                Enumerable.Range(0, found.Hosts.Count).Where(vm => found.Hosts[vm] < 0),
                vm => Enumerable.Range(0, left.Length).Any(host => problem.MayGo[vm][host] && MoveDimensions.Covers(left[host], problem.Asked[vm])));
        },
        iter: 100);

    [Fact]
    public void OneDeviceEach_IsProvedToBeTheMaximum_AlsoForManyOnManyHosts()
    {
        var vms = Enumerable.Range(1, 200).Select(i => Vm(i, i % 3 == 0 ? "GPU" : "10GE", ram: 1, tags: i % 5 == 0 ? "ssd" : "")).ToList();
        var plan = Plan(vms, [.. Enumerable.Range(1, 50).Select(i => Host(i, i % 2 == 0 ? "10GE,10GE,GPU" : "10GE,GPU", i % 4 == 0 ? "ssd" : ""))]);

        Assert.Equal((125, 125), (plan.Placed, plan.Most));
    }

    private static MoveProblem Problem(RandomMoves.Sketch sketch)
    {
        var vms = sketch.Vms.Where(vm => vm is { Immovable: null, IsLeaving: false }).ToList();
        return DrainPlanner.Problem(vms, sketch.Targets, new MoveDimensions(vms));
    }

    /// <summary>Tries everything.</summary>
    private static int Most(RandomMoves.Sketch sketch, bool withLeaving)
    {
        var vms = sketch.Vms.Where(vm => vm is { Immovable: null, IsLeaving: false }).ToList();
        var rooms = sketch.Targets.Select(target => Room(target, withLeaving)).ToList();
        return From(0);

        int From(int next)
        {
            if (next == vms.Count) return 0;
            var most = From(next + 1);
            for (var host = 0; host < rooms.Count && most < vms.Count - next; host++)
            {
                if (!HostTags.Cover(sketch.Targets[host].HostTags, vms[next].HostTags) || Asked(vms[next]).Any(asked => rooms[host][asked.Key] < asked.Value)) continue;
                Take(rooms[host], vms[next], 1);
                most = Math.Max(most, 1 + From(next + 1));
                Take(rooms[host], vms[next], -1);
            }

            return most;
        }
    }

    private static void AssertRoom(RandomMoves.Sketch sketch, IEnumerable<PlannedMove> moves, bool withLeaving)
    {
        var rooms = sketch.Targets.ToDictionary(target => target.Id, target => Room(target, withLeaving));
        foreach (var move in moves)
        {
            Take(rooms[move.Target!.Id], move.Vm, 1);
            Assert.True(HostTags.Cover(move.Target.HostTags, move.Vm.HostTags));
            Assert.All(Asked(move.Vm).Keys, what => Assert.True(rooms[move.Target.Id][what] >= 0, $"{what} on {move.Target.Name}"));
        }
    }

    private static Dictionary<string, long> Asked(MovingVm vm) => vm.PciDevices.Counts
        .Select(pair => (Name: pair.Key, Count: (long)pair.Value)).Append(("cpu", vm.Cpu)).Append(("ram", vm.Ram)).ToDictionary(pair => pair.Item1, pair => pair.Item2);

    private static Dictionary<string, long> Room(MoveTarget target, bool withLeaving)
    {
        var leaving = target.Occupants.Where(one => withLeaving && one.IsLeaving).ToList();
        var room = new[] { "10GE", "GPU" }.ToDictionary(name => name, name => (long)target.Free.Count(name) + leaving.Sum(one => one.PciDevices.Count(name)));
        room["cpu"] = target.Cpu + leaving.Sum(one => one.Cpu);
        room["ram"] = target.Ram + leaving.Sum(one => one.Ram);
        return room;
    }

    private static void Take(Dictionary<string, long> room, MovingVm vm, int times)
    {
        foreach (var (what, count) in Asked(vm)) room[what] -= times * count;
    }

    private static bool MovesNow(PlannedMove move) => move.Outcome is MoveOutcome.Live or MoveOutcome.DetachAttach;

    private static DrainPlan Plan(IReadOnlyList<MovingVm> vms, params MoveTarget[] targets) => DrainPlanner.Plan(vms, targets, Estimates);

    /// <param name="ram">GiB.</param>
    private static MovingVm Vm(long id, string pciDevices, int ram = 1, string tags = "") =>
        new(id, $"vm{id}", PciDeviceNames.ParseList(pciDevices), 1000, (long)ram << 30, tags);

    private static MoveTarget Host(long id, string pciDevices, string tags = "", int ram = 64) =>
        new(id, $"kvm{id}", PciDeviceNames.ParseList(pciDevices), 100_000, (long)ram << 30, tags);

    private static Occupant Leaving(long id, string pciDevices) => Holder(id, pciDevices) with { IsLeaving = true };

    private static Occupant Holder(long id, string pciDevices) => new(id, $"vm{id}", PciDeviceNames.ParseList(pciDevices), 0, 0, IsLeaving: false);
}
