using PciBus.Management.Hosts.Maintenance;

namespace PciBus.Management.Drain;

/// <summary>Says for each virtual machine that waits for others, which are leaving its destination already, for which ones.</summary>
/// <param name="rooms">What each host has left after the moves that begin at once; this class uses it up.</param>
internal sealed class FollowingMoves(IReadOnlyList<MoveTarget> targets, IReadOnlyList<long[]> rooms, MoveDimensions dimensions)
{
    private readonly Dictionary<int, List<Occupant>> _awaited = [];

    public PlannedMove Follow(MovingVm vm, int host)
    {
        if (!_awaited.TryGetValue(host, out var before)) _awaited[host] = before = [];
        var asked = dimensions.Of(vm);
        var makeRoom = RoomMakers.Few(targets[host].Occupants.Where(one => one.IsLeaving).Except(before), rooms[host], asked, dimensions);
        foreach (var one in makeRoom) MoveDimensions.Add(rooms[host], dimensions.Of(one));
        MoveDimensions.Add(rooms[host], asked, -1);
        before.AddRange(makeRoom);
        return new PlannedMove(vm, MoveOutcome.Waits)
        {
            Target = targets[host],
            WaitsAt = targets[host],
            // The virtual machine fits into the room that is left when those have gone for which others wait.
            WaitsFor = makeRoom.Count > 0 ? makeRoom : [.. before],
        };
    }
}
