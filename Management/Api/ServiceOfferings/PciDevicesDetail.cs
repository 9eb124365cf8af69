using PciBus.Contracts.Connection;

namespace PciBus.Management.Api.ServiceOfferings;

/// <summary>
/// The detail <c>pciDevices</c> of an offering means the same as the parameter <c>pcidevices</c>: any existing client can send it. Details
/// are free texts, so a misspelt <c>pciDevices</c> would make an offering without devices: it is refused.
/// </summary>
internal static class PciDevicesDetail
{
    private const string Name = "pciDevices";

    /// <summary>A detail that differs from the name in so many letters at most counts as a misspelling of it.</summary>
    private const int Slips = 2;

    /// <summary>Parameters that PciBus has and CloudStack lacks: as details they would be kept, and not obeyed.</summary>
    private static readonly string[] Parameters = ["pcimigration", "pcidetachwait", "migratewait"];

    /// <summary>The list of names, from the parameter or the detail.</summary>
    /// <exception cref="ApiException">It was given twice and differently, or a detail looks like it and is not.</exception>
    public static string Read(string? parameter, IReadOnlyDictionary<string, string>? details)
    {
        var list = parameter;
        foreach (var (key, value) in details ?? new Dictionary<string, string>())
        {
            if (!key.Equals(Name, StringComparison.OrdinalIgnoreCase)) RefuseUnlessAnother(key);
            else if ((list ??= value) != value)
            {
                throw ApiException.InvalidParameter(
                    $"the devices are {list} in one place and {value} in another: give pcidevices or the detail {Name}, or both the same");
            }
        }

        return list ?? "";
    }

    private static void RefuseUnlessAnother(string key)
    {
        var letters = string.Concat(key.Where(char.IsLetterOrDigit)).ToLowerInvariant();
        if (letters.Length > 2 * Name.Length) return;
        if (PropertyName.Distance(letters, Name.ToLowerInvariant()) <= Slips)
        {
            throw ApiException.InvalidParameter($"the detail {key} is unknown; is {Name} meant?");
        }

        if (Parameters.Contains(letters))
        {
            throw ApiException.InvalidParameter($"the detail {key} is unknown; is the parameter {letters} meant?");
        }
    }
}
