using System.Buffers.Binary;
using System.Globalization;

namespace PciBus.Agent.Pci;

/// <summary>
/// What a device's configuration space says, as sysfs gives it: 64 bytes to most users, 256 of a conventional device, 4096 of a PCI Express
/// device. Devices lie and die: its lists may lead in a circle or nowhere.
/// </summary>
internal static class PciConfigSpace
{
    public const int Size = 4096;

    private const int HeaderSize = 64;
    private const int HeaderTypeOffset = 0x0e;
    private const int ExtendedOffset = 0x100;
    private const int SerialNumberCapability = 3;

    /// <summary>More capabilities do not fit in.</summary>
    private const int MostCapabilities = (Size - ExtendedOffset) / sizeof(uint);

    /// <summary>
    /// Whether the device answers; null when too little could be read. A device that is gone, or hangs, answers all ones. The first four
    /// bytes alone say nothing: those of a virtual function that is well are all ones, too.
    /// </summary>
    public static bool? Answers(ReadOnlySpan<byte> config) =>
        config.Length < HeaderSize ? null : config[..HeaderSize].ContainsAnyExcept((byte)0xff);

    /// <summary>Whether the device is a bridge; null when that cannot be told.</summary>
    public static bool? IsBridge(ReadOnlySpan<byte> config) =>
        Answers(config) == true ? (config[HeaderTypeOffset] & 0x7f) is 1 or 2 : null;

    /// <summary>
    /// The device's serial number as lspci shows it, e.g. <c>00-1b-21-ff-ff-3a-7c-10</c>; null when it has none, or none that names a
    /// device.
    /// </summary>
    public static string? Serial(ReadOnlySpan<byte> config)
    {
        var offset = ExtendedOffset;
        for (var i = 0; i < MostCapabilities && offset >= ExtendedOffset && offset + 3 * sizeof(uint) <= config.Length; i++)
        {
            var header = BinaryPrimitives.ReadUInt32LittleEndian(config[offset..]);
            if (header is 0 or uint.MaxValue) return null;
            if ((header & 0xffff) == SerialNumberCapability)
            {
                return Show(BinaryPrimitives.ReadUInt64LittleEndian(config[(offset + sizeof(uint))..]));
            }

            offset = (int)(header >> 20) & 0xffc;
        }

        return null;
    }

    private static string? Show(ulong serial) => serial is 0 or ulong.MaxValue
        ? null
        : string.Join('-', serial.ToString("x16", CultureInfo.InvariantCulture).Chunk(2).Select(pair => new string(pair)));
}
