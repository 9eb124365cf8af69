namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>
/// Where simulated hosts meet, in one process or in several of one machine: folders of the destination. <c>incoming/UUID.json</c> is a
/// domain that the source is bringing. Its move to <c>arrived/</c> is the switch-over: one rename, which fails when the destination has
/// removed the domain meanwhile, so that both sides never disagree on where the domain lives. The file's time tells when the switch-over
/// was. <c>adopted/</c> tells the source which domains the destination has taken up. A host that is off has no <c>incoming/</c>.
/// </summary>
internal sealed class MigrationFolder(string folder)
{
    private const string Scheme = "simulated://";

    private readonly string _incoming = Path.Combine(folder, "incoming");
    private readonly string _arrived = Path.Combine(folder, "arrived");
    private readonly string _adopted = Path.Combine(folder, "adopted");
    private bool _used;

    public string Uri => $"{Scheme}{Path.GetFullPath(folder)}";

    /// <summary>The folder of the host with this uri.</summary>
    /// <exception cref="HypervisorException">There is no such host, or it is this host.</exception>
    public MigrationFolder At(string uri)
    {
        if (uri == Uri) throw LibvirtErrors.SameHost();
        return uri.StartsWith(Scheme, StringComparison.Ordinal) && Directory.Exists(Path.Combine(PathOf(uri), "incoming"))
            ? Of(uri)
            : throw LibvirtErrors.ConnectionRefused(uri);
    }

    /// <summary>As <see cref="At"/>, when a domain is on its way there already.</summary>
    public static MigrationFolder Of(string uri) => new(PathOf(uri));

    /// <summary>From now on hosts can bring domains here.</summary>
    public void Open() => Directory.CreateDirectory(_incoming);

    /// <summary>Domains that are on their way here will not arrive, and nothing can be brought here any more.</summary>
    public void Close()
    {
        if (!Directory.Exists(_incoming)) return;
        var gone = _incoming + ".gone";
        if (Directory.Exists(gone)) Directory.Delete(gone, recursive: true);
        // One rename of the whole folder: a switch-over came before it, or fails.
        Directory.Move(_incoming, gone);
        Directory.Delete(gone, recursive: true);
    }

    /// <summary>Brings a domain to the destination, paused; refuses what libvirt there refuses.</summary>
    public void Offer(SimulatedDomain domain)
    {
        foreach (var (_, there) in ReadAll(Path.Combine(folder, "domains")).Concat(ReadAll(_incoming)).Concat(ReadAll(_arrived)))
        {
            if (there.Uuid == domain.Uuid && there.Name == domain.Name) throw LibvirtErrors.AlreadyActive(there.Name);
            if (there.Uuid == domain.Uuid) throw LibvirtErrors.UuidTaken(there.Name, there.Uuid);
            if (there.Name == domain.Name) throw LibvirtErrors.NameTaken(there.Name, there.Uuid);
        }

        foreach (var path in new[] { _arrived, _adopted }) Directory.CreateDirectory(path);
        File.Delete(PathIn(_adopted, domain.Uuid));
        try
        {
            StateFile.Write(
                PathIn(_incoming, domain.Uuid), domain with { Incoming = true, Outgoing = null, Migrations = 0, Unplugging = [] });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw LibvirtErrors.ConnectionRefused(Uri);
        }
    }

    public bool IsIncoming(Guid uuid) => File.Exists(PathIn(_incoming, uuid));

    /// <summary>From this moment on the domain lives at the destination. False when the destination does not want it any more.</summary>
    public bool SwitchOver(Guid uuid, DateTimeOffset now)
    {
        try
        {
            File.SetLastWriteTimeUtc(PathIn(_incoming, uuid), now.UtcDateTime);
            File.Move(PathIn(_incoming, uuid), PathIn(_arrived, uuid));
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return HasArrived(uuid);
        }
    }

    public bool HasArrived(Guid uuid) => File.Exists(PathIn(_arrived, uuid)) || File.Exists(PathIn(_adopted, uuid));

    /// <summary>Removes a domain that has not arrived. False when it is not there, or has arrived.</summary>
    public bool Withdraw(Guid uuid)
    {
        try
        {
            // A move, as a deletion does not say whether there was something to delete.
            File.Move(PathIn(_incoming, uuid), PathIn(_incoming, uuid) + ".tmp", overwrite: true);
            File.Delete(PathIn(_incoming, uuid) + ".tmp");
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Domains that are being brought here.</summary>
    public IEnumerable<SimulatedDomain> Incoming() => Read(_incoming).Select(file => file.Domain);

    /// <summary>Domains that live here and have not been adopted, with the moment of the switch-over.</summary>
    public IEnumerable<(SimulatedDomain Domain, DateTimeOffset At)> Arrived() =>
        Read(_arrived).Select(
            file => (file.Domain with { Incoming = false }, new DateTimeOffset(File.GetLastWriteTimeUtc(file.Path), TimeSpan.Zero)));

    /// <summary>From now on this host keeps the domain itself.</summary>
    public void Adopted(Guid uuid) => File.Move(PathIn(_arrived, uuid), PathIn(_adopted, uuid), overwrite: true);

    private List<(string Path, SimulatedDomain Domain)> Read(string path)
    {
        // Most hosts are never migrated to, and this is asked at every look.
        return _used || (_used = Directory.Exists(_arrived)) ? ReadAll(path) : [];
    }

    private static List<(string Path, SimulatedDomain Domain)> ReadAll(string path)
    {
        var found = new List<(string, SimulatedDomain)>();
        try
        {
            foreach (var file in Directory.EnumerateFiles(path, "*.json").Order(StringComparer.Ordinal))
            {
                if (ReadIfThere(file) is { } domain) found.Add((file, domain));
            }
        }
        catch (DirectoryNotFoundException)
        {
            // No domain has come here yet, or the host was switched off.
        }

        return found;
    }

    private static SimulatedDomain? ReadIfThere(string file)
    {
        try
        {
            return StateFile.Read<SimulatedDomain>(file, "its domain does not come here");
        }
        catch (FileNotFoundException)
        {
            // Another process has moved the file in this moment.
            return null;
        }
    }

    private static string PathOf(string uri) => uri[Scheme.Length..];

    private static string PathIn(string path, Guid uuid) => Path.Combine(path, $"{uuid}.json");
}
