namespace PciBus.Management.PciDevices;

/// <summary>The rules for a given name: what <c>pci.devices</c> and an offering's list can hold.</summary>
internal static class PciDeviceName
{
    public const int MaxLength = 64;

    /// <summary>Why a text cannot be a name; null when it can.</summary>
    public static string? WhyNot(string name) => name switch
    {
        "" => "a device name is empty",
        { Length: > MaxLength } => $"device name {name} has over {MaxLength} characters",
        _ when name.Contains(',') => $"device name {name} has a comma in it",
        _ when name.Contains('|') => $"device name {name} has a bar in it",
        _ => null,
    };

    /// <summary>Why a text cannot be an offering's list of names; null when it can. An empty list asks for nothing.</summary>
    public static string? WhyNotList(string list)
    {
        if (list.Trim().Length == 0) return null;
        var names = list.Split(',', StringSplitOptions.TrimEntries);
        for (var i = 0; i < names.Length; i++)
        {
            if (WhyNot(names[i]) is { } why) return names[i].Length > 0 ? why : $"name {i + 1} of the list \"{list}\" is empty";
        }

        return null;
    }
}
