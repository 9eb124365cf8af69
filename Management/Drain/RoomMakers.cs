namespace PciBus.Management.Drain;

/// <summary>Finds the virtual machines that must leave a host so that another has room there.</summary>
internal static class RoomMakers
{
    /// <summary>
    /// A few of the occupants, each of them needed; not always the fewest. Empty when there is room already, and when even all of them
    /// together do not make enough room.
    /// </summary>
    public static IReadOnlyList<Occupant> Few(IEnumerable<Occupant> occupants, long[] room, long[] asked, MoveDimensions dimensions)
    {
        var after = (long[])room.Clone();
        var chosen = new List<(Occupant Occupant, long[] Frees)>();
        foreach (var one in occupants
            .Select(one => (Occupant: one, Frees: dimensions.Of(one)))
            .OrderByDescending(one => Share(one.Frees, room, asked)))
        {
            if (MoveDimensions.Covers(after, asked)) break;
            chosen.Add(one);
            MoveDimensions.Add(after, one.Frees);
        }

        if (!MoveDimensions.Covers(after, asked)) return [];
        foreach (var one in chosen.ToList())
        {
            MoveDimensions.Add(after, one.Frees, -1);
            if (MoveDimensions.Covers(after, asked)) chosen.Remove(one);
            else MoveDimensions.Add(after, one.Frees);
        }

        return [.. chosen.Select(one => one.Occupant)];
    }

    /// <summary>How much of what is short an occupant frees: 1 for all that is short in a dimension, added up.</summary>
    private static double Share(long[] frees, long[] room, long[] asked)
    {
        var share = 0.0;
        for (var i = 0; i < asked.Length; i++)
        {
            if (MoveDimensions.IsShort(room, asked, i)) share += (double)Math.Min(frees[i], asked[i] - room[i]) / (asked[i] - room[i]);
        }

        return share;
    }
}
