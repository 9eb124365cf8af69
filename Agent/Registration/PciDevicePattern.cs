using System.Text.RegularExpressions;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Registration;

/// <summary>
/// Several devices of pci.devices at once: an address in which a <c>*</c> stands for a whole part, e.g. <c>0000:28:*.*</c>, or vendor and
/// product, e.g. <c>8086:10ed</c>.
/// </summary>
internal sealed partial record PciDevicePattern
{
    private const string Any = "*";
    private const string Form = "a pattern is an address in which a * stands for a whole part, e.g. 0000:28:*.*, or vendor:product, e.g. "
        + "8086:10ed";

    private PciDevicePattern(string text) => Text = text;

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Null: any.</summary>
    public uint? Domain { get; private init; }

    public byte? Bus { get; private init; }

    public byte? Slot { get; private init; }

    public byte? Function { get; private init; }

    /// <summary>Four hexadecimal digits; null for a pattern of addresses.</summary>
    public string? VendorId { get; private init; }

    public string? ProductId { get; private init; }

    /// <summary>Whether a text is to be read as a pattern, and not as an address.</summary>
    public static bool IsMeant(string text) => text.Contains(Any, StringComparison.Ordinal) || VendorAndProduct().IsMatch(text.Trim());

    /// <param name="text">As written; blanks around it are allowed.</param>
    /// <param name="reason">What is wrong with it, and what is allowed; null when it is a pattern.</param>
    public static PciDevicePattern? Read(string text, out string? reason)
    {
        var trimmed = text.Trim();
        reason = null;
        if (VendorAndProduct().Match(trimmed) is { Success: true } match)
        {
            return new PciDevicePattern(trimmed)
            {
                VendorId = match.Groups[1].Value.ToLowerInvariant(),
                ProductId = match.Groups[2].Value.ToLowerInvariant(),
            };
        }

        string[] parts = [.. trimmed.Split(':')[..^1], .. trimmed.Split(':')[^1].Split('.')];
        var separators = trimmed.Where(character => character is ':' or '.').Append(' ');
        var address = string.Concat(parts.Zip(separators, (part, after) => $"{(part == Any ? "0" : part)}{after}"));
        if (!PciAddress.TryParse(address, out var parsed, out var wrong))
        {
            reason = $"\"{trimmed}\" matches nothing: {(wrong.StartsWith('"') ? "" : $"{wrong}; ")}{Form}";
            return null;
        }

        return new PciDevicePattern(trimmed)
        {
            Domain = parts.Length == 4 && parts[0] == Any ? null : parsed.Domain,
            Bus = parts[^3] == Any ? null : parsed.Bus,
            Slot = parts[^2] == Any ? null : parsed.Slot,
            Function = parts[^1] == Any ? null : parsed.Function,
        };
    }

    public bool Matches(PciDeviceTO device) => VendorId is not null
        ? Same(VendorId, device.VendorId) && Same(ProductId, device.ProductId)
        : (Domain ?? device.Address.Domain, Bus ?? device.Address.Bus, Slot ?? device.Address.Slot, Function ?? device.Address.Function)
            == (device.Address.Domain, device.Address.Bus, device.Address.Slot, device.Address.Function);

    private static bool Same(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("^([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})$")]
    private static partial Regex VendorAndProduct();
}
