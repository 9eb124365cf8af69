namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>How a domain is migrated.</summary>
/// <param name="DestinationUri">The destination's libvirtd, as the source's reaches it.</param>
/// <param name="Flags">The manner.</param>
internal sealed record LibvirtMigration(string DestinationUri, LibvirtMigrateFlags Flags)
{
    /// <summary>Where the memory goes, e.g. <c>tcp://10.0.0.2</c>; null: to the name by which the destination knows itself.</summary>
    public string? MemoryUri { get; init; }

    /// <summary>The domain as it shall be at the destination; null: as it is.</summary>
    public string? DestinationXml { get; init; }

    /// <summary>
    /// Live, from libvirtd to libvirtd. The domain is transient, and stays so: it is kept at neither end. Its memory goes to the host by
    /// which the destination's libvirtd is found, as other hosts need not know the destination's own name; encrypted where libvirtd is.
    /// </summary>
    public static LibvirtMigration To(string destination, bool autoConverge)
    {
        var isUri = Uri.TryCreate(destination, UriKind.Absolute, out var uri) && uri.Host.Length > 0;
        return new LibvirtMigration(
            destination,
            LibvirtMigrateFlags.Live
                | LibvirtMigrateFlags.PeerToPeer
                | (autoConverge ? LibvirtMigrateFlags.AutoConverge : LibvirtMigrateFlags.None)
                | (isUri && uri!.Scheme == "qemu+tls" ? LibvirtMigrateFlags.Tls : LibvirtMigrateFlags.None))
        {
            MemoryUri = isUri ? $"tcp://{uri!.Host}" : null,
        };
    }

    /// <summary>The parameters under libvirt's names (VIR_MIGRATE_PARAM_...).</summary>
    public IEnumerable<(string Name, string Value)> Parameters()
    {
        if (MemoryUri is { } uri) yield return ("migrate_uri", uri);
        if (DestinationXml is { } xml) yield return ("destination_xml", xml);
    }
}
