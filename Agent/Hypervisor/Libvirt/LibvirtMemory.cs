using System.Runtime.InteropServices;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>What libvirt answers in memory: arrays that it allocates, buffers and structures that it fills.</summary>
internal static unsafe class LibvirtMemory
{
    /// <summary>virDomainJobType: these are under way; what ended is shown for a while.</summary>
    private const int Bounded = 1;
    private const int Unbounded = 2;

    /// <summary>Reads domains; those that read as null are left out.</summary>
    public static IReadOnlyList<TRead> Domains<TRead>(
        LibvirtConnectHandle connection, uint flags, Func<LibvirtDomainHandle, TRead?> read) where TRead : class
    {
        nint* domains = null;
        var count = LibvirtSession.Checked(LibvirtNative.virConnectListAllDomains(connection, &domains, flags));
        return Read(domains, count, read);
    }

    /// <summary>Reads devices of the host.</summary>
    public static IReadOnlyList<TRead> NodeDevices<TRead>(
        LibvirtConnectHandle connection, uint flags, Func<LibvirtNodeDeviceHandle, TRead?> read) where TRead : class
    {
        nint* devices = null;
        var count = LibvirtSession.Checked(LibvirtNative.virConnectListAllNodeDevices(connection, &devices, flags));
        return Read(devices, count, read);
    }

    public static Guid UuidOf(LibvirtDomainHandle domain)
    {
        var held = false;
        domain.DangerousAddRef(ref held);
        try
        {
            return UuidOf(domain.DangerousGetHandle());
        }
        finally
        {
            domain.DangerousRelease();
        }
    }

    /// <param name="domain">A virDomainPtr, e.g. one that is lent to a callback.</param>
    public static Guid UuidOf(nint domain)
    {
        var text = stackalloc byte[LibvirtNative.UuidBuffer];
        LibvirtSession.Checked(LibvirtNative.virDomainGetUUIDString(domain, text));
        return Guid.Parse(Marshal.PtrToStringUTF8((nint)text)!);
    }

    public static LibvirtJob JobOf(LibvirtDomainHandle domain)
    {
        LibvirtSession.Checked(LibvirtNative.virDomainGetJobStats(domain, out var type, out var parameters, out var count, 0));
        try
        {
            // What a job does not count is 0; one whose operation is not told is of an unknown one, which is 0 as well.
            _ = LibvirtNative.virTypedParamsGetInt(parameters, count, "operation", out var operation);
            _ = LibvirtNative.virTypedParamsGetULLong(parameters, count, "memory_total", out var total);
            _ = LibvirtNative.virTypedParamsGetULLong(parameters, count, "memory_remaining", out var remaining);
            return new LibvirtJob(type is Bounded or Unbounded, (LibvirtJobOperation)operation, total, remaining);
        }
        finally
        {
            LibvirtNative.virTypedParamsFree(parameters, count);
        }
    }

    public static HostCapacity CapacityOf(LibvirtConnectHandle connection)
    {
        LibvirtNative.NodeInfo node;
        LibvirtSession.Checked(LibvirtNative.virNodeGetInfo(connection, &node));
        return new HostCapacity((int)node.Cpus, node.Speed, (long)node.Memory * 1024);
    }

    private static List<TRead> Read<THandle, TRead>(nint* items, int count, Func<THandle, TRead?> read)
        where THandle : SafeHandle, new()
        where TRead : class
    {
        var handles = new List<THandle>(count);
        for (var i = 0; i < count; i++)
        {
            var handle = new THandle();
            Marshal.InitHandle(handle, items[i]);
            handles.Add(handle);
        }

        // The array is the caller's, as what it lists is.
        NativeMemory.Free(items);
        try
        {
            var found = new List<TRead>(count);
            foreach (var handle in handles)
            {
                if (read(handle) is { } item) found.Add(item);
            }

            return found;
        }
        finally
        {
            foreach (var handle in handles) handle.Dispose();
        }
    }
}
