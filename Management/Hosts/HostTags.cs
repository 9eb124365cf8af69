namespace PciBus.Management.Hosts;

/// <summary>Tags in canonical form: sorted, comma-separated, each once.</summary>
internal static class HostTags
{
    public static string Canonical(IEnumerable<string> tags) => string.Join(',', tags
        .Select(tag => tag.Trim()).Where(tag => tag.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    public static string Canonical(string? list) => Canonical((list ?? "").Split(','));

    /// <summary>Whether a host with these tags has all of those asked for; both canonical.</summary>
    public static bool Cover(string hostTags, string asked) =>
        asked.Length == 0 || asked.Split(',').All(hostTags.Split(',').Contains);
}
