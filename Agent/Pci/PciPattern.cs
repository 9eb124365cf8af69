using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>
/// What stands in <c>pci.devices</c> for all functions of a sort: an address in which <c>*</c> stands for any part,
/// e.g. <c>0000:28:*.*</c>, or <c>vendor:product</c>, e.g. <c>8086:10ed</c>. Bridges match nothing.
/// </summary>
internal sealed class PciPattern
{
    private readonly Func<PciFunction, bool> _matches;

    private PciPattern(Func<PciFunction, bool> matches) => _matches = matches;

    /// <summary>Whether a text is meant as a pattern, be it a good one or not: an address has a point and no star.</summary>
    public static bool IsMeant(string text) =>
        text.Contains('*', StringComparison.Ordinal) || (text.Contains(':', StringComparison.Ordinal) && !text.Contains('.', StringComparison.Ordinal));

    /// <summary>Null when it is none; the reason says why.</summary>
    public static PciPattern? TryParse(string text, out string? reason)
    {
        var trimmed = text.Trim();
        return trimmed.Contains('.', StringComparison.Ordinal) ? OfAddress(trimmed, out reason) : OfProduct(trimmed, out reason);
    }

    public bool Matches(PciFunction function) => !function.IsBridge && _matches(function);

    private static PciPattern? OfProduct(string text, out string? reason)
    {
        var parts = text.Split(':');
        var good = parts.Length == 2 && parts.All(part => part.Length == 4 && part.All(char.IsAsciiHexDigit));
        reason = good ? null : $"\"{text}\" is neither an address, e.g. 0000:28:00.1, nor vendor:product with four hexadecimal digits each, e.g. 8086:10ed";
        return !good ? null : new PciPattern(function =>
            string.Equals(function.VendorId, parts[0], StringComparison.OrdinalIgnoreCase)
            && string.Equals(function.ProductId, parts[1], StringComparison.OrdinalIgnoreCase));
    }

    private static PciPattern? OfAddress(string text, out string? reason)
    {
        // With 0 for each star it must be an address.
        var parts = text.Split(':', '.');
        if (!parts.All(part => part == "*" || !part.Contains('*', StringComparison.Ordinal)))
        {
            reason = $"\"{text}\" is no pattern: a * stands for a whole part of the address, e.g. 0000:28:*.*";
            return null;
        }

        if (!PciAddress.TryParse(text.Replace('*', '0'), out var wanted, out reason)) return null;
        bool IsAny(int fromEnd) => parts.Length >= fromEnd && parts[^fromEnd] == "*";
        return new PciPattern(function =>
            (IsAny(1) || function.Address.Function == wanted.Function)
            && (IsAny(2) || function.Address.Slot == wanted.Slot)
            && (IsAny(3) || function.Address.Bus == wanted.Bus)
            && (IsAny(4) || function.Address.Domain == wanted.Domain));
    }
}
