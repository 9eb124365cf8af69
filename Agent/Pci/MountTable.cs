using System.Text;

namespace PciBus.Agent.Pci;

/// <summary>Reads what the kernel says of mounts and of swap space.</summary>
internal static class MountTable
{
    private const int Device = 2;
    private const int MountPoint = 4;
    private const int FirstOptional = 6;

    /// <summary>The mounts of <c>/proc/self/mountinfo</c>; null for a line that cannot be read.</summary>
    public static IReadOnlyList<Mount?> ReadMounts(string mountInfo) =>
        [.. mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ReadMount)];

    /// <summary>The files and devices of <c>/proc/swaps</c>.</summary>
    public static IReadOnlyList<string> ReadSwaps(string swaps) =>
        [.. swaps.Split('\n').Skip(1).Select(line => Unescape(line.Split([' ', '\t'])[0])).Where(name => name.Length > 0)];

    private static Mount? ReadMount(string line)
    {
        var parts = line.Split(' ');
        // A dash ends the optional fields, of which there may be none; three fields follow.
        var dash = parts.Length > FirstOptional ? Array.IndexOf(parts, "-", FirstOptional) : -1;
        return dash < 0 || dash + 4 != parts.Length
            ? null
            : new Mount(parts[Device], Unescape(parts[MountPoint]), parts[dash + 1], Unescape(parts[dash + 2]));
    }

    /// <summary>Blanks and the like are written as <c>\040</c>.</summary>
    private static string Unescape(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var octal = text[i] == '\\' && i + 3 < text.Length ? text.AsSpan(i + 1, 3) : default;
            if (octal.Length == 3 && !octal.ContainsAnyExceptInRange('0', '7'))
            {
                result.Append((char)((octal[0] - '0') * 64 + (octal[1] - '0') * 8 + (octal[2] - '0')));
                i += 3;
            }
            else
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }
}

/// <summary>A mount.</summary>
/// <param name="Device">Numbers of its block device, e.g. <c>8:2</c>; <c>0:...</c> for a file system that has none of its own.</param>
/// <param name="At">Where it is mounted.</param>
/// <param name="Type">Its file system, e.g. <c>ext4</c>.</param>
/// <param name="Source">What is mounted, e.g. <c>/dev/sda2</c>.</param>
internal sealed record Mount(string Device, string At, string Type, string Source)
{
    public bool HasDevice => !Device.StartsWith("0:", StringComparison.Ordinal);
}
