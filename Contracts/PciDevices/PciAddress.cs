using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PciBus.Contracts.PciDevices;

/// <summary>
/// Where a PCI function sits on its host: <c>[domain:]bus:slot.function</c>, all in hexadecimal. Domains above ffff exist
/// (Intel VMD, Hyper-V). Its text is always the full form, e.g. <c>0000:28:00.1</c>.
/// </summary>
[JsonConverter(typeof(PciAddressJsonConverter))]
public readonly record struct PciAddress : IComparable<PciAddress>
{
    public const int MaxSlot = 0x1f;
    public const int MaxFunction = 7;

    public PciAddress(uint domain, byte bus, byte slot, byte function)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slot, MaxSlot);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(function, MaxFunction);
        (Domain, Bus, Slot, Function) = (domain, bus, slot, function);
    }

    public uint Domain { get; }

    public byte Bus { get; }

    public byte Slot { get; }

    public byte Function { get; }

    /// <summary>Reads an address; blanks around it are allowed, inside it they are not.</summary>
    /// <param name="text">The address as written.</param>
    /// <param name="address">The address, when the text is one.</param>
    /// <param name="reason">What is wrong with the text, and what is allowed; null when it is an address.</param>
    public static bool TryParse(string? text, out PciAddress address, [NotNullWhen(false)] out string? reason)
    {
        address = default;
        var trimmed = (text ?? "").Trim();
        var parts = trimmed.Split(':');
        var last = parts[^1].Split('.');
        if (parts.Length is not (2 or 3) || last.Length != 2)
        {
            reason = $"\"{trimmed}\" is not a PCI address: [domain:]bus:slot.function in hexadecimal, e.g. 0000:28:00.1";
            return false;
        }

        uint domain = 0;
        uint bus = 0;
        uint slot = 0;
        uint function = 0;
        reason = (parts.Length == 3 ? ReadHex(parts[0], "domain", 8, uint.MaxValue, out domain) : null)
            ?? ReadHex(parts[^2], "bus", 2, byte.MaxValue, out bus)
            ?? ReadHex(last[0], "slot", 2, MaxSlot, out slot)
            ?? ReadHex(last[1], "function", 1, MaxFunction, out function);
        if (reason is not null) return false;
        address = new PciAddress(domain, (byte)bus, (byte)slot, (byte)function);
        return true;
    }

    /// <exception cref="FormatException">The text is not an address; the message says why.</exception>
    public static PciAddress Parse(string text) =>
        TryParse(text, out var address, out var reason) ? address : throw new FormatException(reason);

    public int CompareTo(PciAddress other) =>
        (Domain, Bus, Slot, Function).CompareTo((other.Domain, other.Bus, other.Slot, other.Function));

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Domain:x4}:{Bus:x2}:{Slot:x2}.{Function:x}");

    public static bool operator <(PciAddress left, PciAddress right) => left.CompareTo(right) < 0;

    public static bool operator >(PciAddress left, PciAddress right) => left.CompareTo(right) > 0;

    public static bool operator <=(PciAddress left, PciAddress right) => left.CompareTo(right) <= 0;

    public static bool operator >=(PciAddress left, PciAddress right) => left.CompareTo(right) >= 0;

    private static string? ReadHex(string text, string part, int digits, uint max, out uint value)
    {
        value = 0;
        if (text.Length == 0) return $"the {part} is missing";
        if (!text.All(char.IsAsciiHexDigit)) return $"{part} \"{text}\" is not hexadecimal";
        var significant = text.TrimStart('0');
        if (significant.Length > digits || (significant.Length > 0
            && (value = uint.Parse(significant, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)) > max))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{part} {text} is above {max:x}");
        }

        return null;
    }
}

/// <summary>A <see cref="PciAddress"/> is its full text on the wire.</summary>
public sealed class PciAddressJsonConverter : JsonConverter<PciAddress>
{
    public override PciAddress Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        PciAddress.TryParse(reader.GetString(), out var address, out var reason) ? address : throw new JsonException(reason);

    public override void Write(Utf8JsonWriter writer, PciAddress value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
