using System.Buffers.Binary;
using System.Globalization;

namespace PciBus.Agent.Pci;

/// <summary>The Device Serial Number capability of PCI Express.</summary>
internal static class PciSerialNumber
{
    private const int FirstExtended = 0x100;
    private const int Capability = 3;

    /// <summary>As lspci writes it, e.g. <c>00-1b-21-ff-ff-a3-b2-c1</c>; null when there is none, or it cannot be read.</summary>
    /// <param name="config">The config space.</param>
    public static string? Read(ReadOnlySpan<byte> config)
    {
        // A list that a broken device closes to a ring ends somewhere too.
        for (var (offset, steps) = (FirstExtended, 0); offset >= FirstExtended && offset + 12 <= config.Length && steps < 960; steps++)
        {
            var header = BinaryPrimitives.ReadUInt32LittleEndian(config[offset..]);
            if (header is 0 or uint.MaxValue) return null;
            if ((header & 0xffff) == Capability)
            {
                var serial = BinaryPrimitives.ReadUInt64LittleEndian(config[(offset + 4)..]);
                return serial is 0 or ulong.MaxValue ? null : Text(serial);
            }

            offset = (int)(header >> 20) & 0xffc;
        }

        return null;
    }

    private static string Text(ulong serial)
    {
        var digits = serial.ToString("x16", CultureInfo.InvariantCulture);
        return string.Join('-', Enumerable.Range(0, 8).Select(i => digits.Substring(i * 2, 2)));
    }
}
