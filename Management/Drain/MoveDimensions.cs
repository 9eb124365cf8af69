using PciBus.Management.PciDevices;

namespace PciBus.Management.Drain;

/// <summary>What is asked for and what is free, as numbers in a row: MHz, bytes, and devices of each name that anybody asks for.</summary>
internal sealed class MoveDimensions(IEnumerable<MovingVm> vms)
{
    /// <summary>Where the devices begin.</summary>
    public const int FirstName = 2;

    private readonly string[] _names = [.. vms.SelectMany(vm => vm.PciDevices.Counts.Keys).Distinct().Order(StringComparer.Ordinal)];

    public long[] Of(PciDeviceNames devices, long cpu, long ram) => [cpu, ram, .. _names.Select(name => (long)devices.Count(name))];

    public long[] Of(MovingVm vm) => Of(vm.PciDevices, vm.Cpu, vm.Ram);

    public long[] Of(Occupant occupant) => Of(occupant.PciDevices, occupant.Cpu, occupant.Ram);

    public static bool Covers(long[] room, long[] asked)
    {
        for (var i = 0; i < room.Length; i++)
        {
            if (IsShort(room, asked, i)) return false;
        }

        return true;
    }

    /// <summary>A dimension that the virtual machine does not ask for may be overdrawn: overprovisioning factors can be lowered.</summary>
    public static bool IsShort(long[] room, long[] asked, int dimension) => asked[dimension] > 0 && asked[dimension] > room[dimension];

    /// <summary>Adds one row to another.</summary>
    public static void Add(long[] room, long[] more, int times = 1)
    {
        for (var i = 0; i < room.Length; i++) room[i] += times * more[i];
    }

    /// <summary>Whether devices are short, and not only processors or RAM.</summary>
    public static bool IsShortOfDevices(long[] room, long[] asked) => !Covers(room[FirstName..], asked[FirstName..]);

    /// <summary>Whether any of the devices that come free is short.</summary>
    public static bool FreesDevices(long[] frees, long[] room, long[] asked)
    {
        for (var i = FirstName; i < room.Length; i++)
        {
            if (IsShort(room, asked, i) && frees[i] > 0) return true;
        }

        return false;
    }

    /// <summary>What is short, in words; empty when nothing is.</summary>
    /// <param name="room">What a host has left when the plan has been followed.</param>
    public IEnumerable<string> Shortages(long[] room, long[] asked)
    {
        for (var i = FirstName; i < room.Length; i++)
        {
            if (IsShort(room, asked, i)) yield return $"{_names[i - FirstName]}: {asked[i]} asked, {Math.Max(room[i], 0)} left";
        }

        if (IsShort(room, asked, 0)) yield return $"CPU: {asked[0]} MHz asked, {Math.Max(room[0], 0)} left";
        if (IsShort(room, asked, 1)) yield return $"RAM: {asked[1] >> 20} MiB asked, {Math.Max(room[1], 0) >> 20} left";
    }
}
