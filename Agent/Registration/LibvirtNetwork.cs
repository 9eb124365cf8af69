namespace PciBus.Agent.Registration;

/// <summary>What the network cards of a host's guests are connected to.</summary>
/// <param name="IsBridge">A bridge of the host; else a network of its libvirt.</param>
/// <param name="Name">The bridge's or the network's name.</param>
internal sealed record LibvirtNetwork(bool IsBridge, string Name)
{
    public const string Form =
        "bridge:NAME, a bridge of this host with a name of at most 15 characters, or network:NAME, a network of libvirt";

    private const string Bridge = "bridge:";
    private const string Network = "network:";

    /// <summary>The kernel takes no longer names for its interfaces.</summary>
    private const int LongestInterface = 15;

    /// <returns>Null for what is not allowed.</returns>
    public static LibvirtNetwork? Parse(string text)
    {
        var isBridge = text.StartsWith(Bridge, StringComparison.Ordinal);
        if (!isBridge && !text.StartsWith(Network, StringComparison.Ordinal)) return null;
        var name = text[(isBridge ? Bridge : Network).Length..];
        // Each is a name of a folder or of a file as well, the kernel's and libvirt's.
        var isName = name is not ("" or "." or "..")
            && !name.Any(one => one is '/' or ':' || char.IsWhiteSpace(one) || char.IsControl(one) || char.IsSurrogate(one));
        return isName && (!isBridge || name.Length <= LongestInterface) ? new LibvirtNetwork(isBridge, name) : null;
    }

    public override string ToString() => (IsBridge ? Bridge : Network) + Name;
}
