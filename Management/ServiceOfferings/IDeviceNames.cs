namespace PciBus.Management.ServiceOfferings;

/// <summary>Knows the device names that an offering lists; offerings themselves know no devices.</summary>
internal interface IDeviceNames
{
    /// <summary>Why a text cannot be an offering's list of names; null when it can. An empty list asks for nothing.</summary>
    string? WhyNotList(string list);

    /// <summary>The names of a list that no device has, in order.</summary>
    Task<IReadOnlyList<string>> UnknownAsync(string list, CancellationToken cancellationToken);
}
