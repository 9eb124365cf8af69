using PciBus.Agent.Hypervisor.Libvirt.Native;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A reference to one domain of libvirt, with what can be asked of it. Every call blocks.</summary>
internal sealed class LibvirtDomain(DomainHandle handle) : IDisposable
{
    private const uint OnlyActive = 1;
    private const uint Live = 1;

    /// <summary>Not the guest agent, which may not answer.</summary>
    private const uint Acpi = 1;

    /// <summary>The domains that are not off.</summary>
    public static unsafe IReadOnlyList<LibvirtDomain> Active(ConnectionHandle connection)
    {
        var count = LibvirtError.Check(LibvirtApi.virConnectListAllDomains(connection, out var list, OnlyActive));
        var domains = new LibvirtDomain[count];
        for (var i = 0; i < count; i++) domains[i] = new LibvirtDomain(new DomainHandle(list[i]));
        System.Runtime.InteropServices.NativeMemory.Free(list);
        return domains;
    }

    /// <exception cref="HypervisorException">There is none.</exception>
    public static LibvirtDomain Find(ConnectionHandle connection, Guid uuid)
    {
        Span<byte> bytes = stackalloc byte[16];
        uuid.TryWriteBytes(bytes, bigEndian: true, out _);
        return new LibvirtDomain(LibvirtError.Check(LibvirtApi.virDomainLookupByUUID(connection, bytes)));
    }

    /// <summary>Makes a transient domain and starts it.</summary>
    public static void Create(ConnectionHandle connection, string xml) =>
        LibvirtError.Check(LibvirtApi.virDomainCreateXML(connection, xml, 0)).Dispose();

    /// <summary>Its XML as it is at this moment.</summary>
    public string Xml() => LibvirtError.Check(LibvirtApi.virDomainGetXMLDesc(handle, 0));

    /// <summary>virDomainState, and why.</summary>
    public (int State, int Reason) State()
    {
        LibvirtError.Check(LibvirtApi.virDomainGetState(handle, out var state, out var reason, 0));
        return (state, reason);
    }

    /// <summary>What the hypervisor is doing with it; null for nothing.</summary>
    public LibvirtJob? Job()
    {
        LibvirtError.Check(LibvirtApi.virDomainGetJobStats(handle, out var type, out var list, out var count, 0));
        using var parameters = new TypedParameters(list, count);
        return type == LibvirtJob.None ? null : new LibvirtJob(
            parameters.Number("operation") ?? 0, parameters.Size("memory_total") ?? 0, parameters.Size("memory_remaining") ?? 0);
    }

    public void AbortJob() => LibvirtError.Check(LibvirtApi.virDomainAbortJob(handle));

    public void Shutdown() => LibvirtError.Check(LibvirtApi.virDomainShutdownFlags(handle, Acpi));

    public void Reboot() => LibvirtError.Check(LibvirtApi.virDomainReboot(handle, Acpi));

    public void Reset() => LibvirtError.Check(LibvirtApi.virDomainReset(handle, 0));

    public void Destroy() => LibvirtError.Check(LibvirtApi.virDomainDestroyFlags(handle, 0));

    public void Attach(string xml) => LibvirtError.Check(LibvirtApi.virDomainAttachDeviceFlags(handle, xml, Live));

    /// <summary>Asks the guest, and waits up to 5 s for it, during which the domain can be asked for nothing else.</summary>
    public void Detach(string xml) => LibvirtError.Check(LibvirtApi.virDomainDetachDeviceFlags(handle, xml, Live));

    /// <summary>Asks the guest, and returns.</summary>
    public void DetachAlias(string alias) => LibvirtError.Check(LibvirtApi.virDomainDetachDeviceAlias(handle, alias, Live));

    /// <summary>Migrates it live, one libvirtd speaking to the other, and returns when that is over.</summary>
    /// <param name="destination">The URI of the other libvirtd.</param>
    /// <param name="memoryUri">Where the memory goes.</param>
    /// <param name="autoConverge">Slow the guest down when it writes too fast.</param>
    public void Migrate(string destination, string memoryUri, bool autoConverge)
    {
        const uint live = 1, peerToPeer = 1 << 1, autoConvergence = 1 << 13;
        using var parameters = new TypedParameters();
        parameters.Add("migrate_uri", memoryUri);
        LibvirtError.Check(LibvirtApi.virDomainMigrateToURI3(
            handle, destination, parameters.Pointer, (uint)parameters.Count, live | peerToPeer | (autoConverge ? autoConvergence : 0)));
    }

    public void Dispose() => handle.Dispose();
}
