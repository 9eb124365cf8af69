using System.Runtime.InteropServices;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>What libvirt answers in memory: arrays that it allocates, buffers and structures that it fills.</summary>
internal static unsafe class LibvirtMemory
{
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

    public static LibvirtNative.JobInfo JobOf(LibvirtDomainHandle domain)
    {
        LibvirtNative.JobInfo job;
        LibvirtSession.Checked(LibvirtNative.virDomainGetJobInfo(domain, &job));
        return job;
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
