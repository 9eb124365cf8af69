using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// What PciBus calls of libvirt.so.0, under the names of libvirt's manual, as the headers of libvirt 9.0 declare it. A call that fails
/// returns -1, or a handle that is invalid. Then its thread asks <see cref="LibvirtException.OfThisThread"/> before it calls anything else.
/// A string is <see cref="OwnedString"/> where libvirt allocates it for the caller, <see cref="LentString"/> where it stays libvirt's.
/// </summary>
internal static unsafe partial class LibvirtNative
{
    /// <summary>Bytes of an uuid as text, with the zero at its end.</summary>
    public const int UuidBuffer = 37;

    /// <summary>The program is not built against libvirt and runs without it; the host's own is loaded at the first call.</summary>
    public const string Library = "libvirt.so.0";

    private const StringMarshalling Utf8 = StringMarshalling.Utf8;

    // The library, and its errors, which are kept for each thread.

    [LibraryImport(Library)]
    public static partial int virInitialize();

    [LibraryImport(Library)]
    public static partial void virSetErrorFunc(void* userData, delegate* unmanaged<void*, void*, void> handler);

    [LibraryImport(Library)]
    public static partial int virGetLastErrorCode();

    [LibraryImport(Library)]
    public static partial int virGetLastErrorDomain();

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(LentString))]
    public static partial string? virGetLastErrorMessage();

    // Events.

    [LibraryImport(Library)]
    public static partial int virEventRegisterDefaultImpl();

    [LibraryImport(Library)]
    public static partial int virEventRunDefaultImpl();

    [LibraryImport(Library)]
    public static partial int virEventAddTimeout(int milliseconds, delegate* unmanaged<int, nint, void> callback, nint opaque, void* free);

    [LibraryImport(Library)]
    public static partial int virEventRemoveTimeout(int timer);

    [LibraryImport(Library)]
    public static partial int virConnectDomainEventRegisterAny(
        LibvirtConnectHandle connection, nint domain, int id, void* callback, nint opaque, void* free);

    [LibraryImport(Library)]
    public static partial int virConnectDomainEventDeregisterAny(LibvirtConnectHandle connection, int registration);

    [LibraryImport(Library)]
    public static partial int virConnectRegisterCloseCallback(
        LibvirtConnectHandle connection, delegate* unmanaged<nint, int, nint, void> callback, nint opaque, void* free);

    [LibraryImport(Library)]
    public static partial int virConnectUnregisterCloseCallback(
        LibvirtConnectHandle connection, delegate* unmanaged<nint, int, nint, void> callback);

    // Connections.

    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial LibvirtConnectHandle virConnectOpen(string name);

    /// <returns>References that are left: callbacks and domains hold some.</returns>
    [LibraryImport(Library)]
    public static partial int virConnectClose(nint connection);

    [LibraryImport(Library)]
    public static partial int virConnectSetKeepAlive(LibvirtConnectHandle connection, int interval, uint count);

    /// <returns>1 when it is open, as far as this side knows: libvirtd is not asked.</returns>
    [LibraryImport(Library)]
    public static partial int virConnectIsAlive(LibvirtConnectHandle connection);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(OwnedString))]
    public static partial string? virConnectGetCapabilities(LibvirtConnectHandle connection);

    /// <returns>0 when the hypervisor's guests cannot have this CPU, unless a flag makes that an error.</returns>
    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial int virConnectCompareHypervisorCPU(
        LibvirtConnectHandle connection, string? emulator, string? architecture, string? machine, string? type, string cpu, uint flags);

    [LibraryImport(Library)]
    public static partial int virNodeGetInfo(LibvirtConnectHandle connection, NodeInfo* info);

    [LibraryImport(Library)]
    public static partial int virConnectGetLibVersion(LibvirtConnectHandle connection, out nuint version);

    // Domains.

    [LibraryImport(Library)]
    public static partial int virConnectListAllDomains(LibvirtConnectHandle connection, nint** domains, uint flags);

    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial LibvirtDomainHandle virDomainLookupByUUIDString(LibvirtConnectHandle connection, string uuid);

    [LibraryImport(Library)]
    public static partial int virDomainFree(nint domain);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(LentString))]
    public static partial string? virDomainGetName(LibvirtDomainHandle domain);

    [LibraryImport(Library)]
    public static partial int virDomainGetUUIDString(nint domain, byte* text);

    [LibraryImport(Library)]
    public static partial int virDomainGetState(LibvirtDomainHandle domain, out int state, out int reason, uint flags);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(OwnedString))]
    public static partial string? virDomainGetXMLDesc(LibvirtDomainHandle domain, uint flags);

    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial LibvirtDomainHandle virDomainCreateXML(LibvirtConnectHandle connection, string xml, uint flags);

    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial LibvirtDomainHandle virDomainDefineXMLFlags(LibvirtConnectHandle connection, string xml, uint flags);

    [LibraryImport(Library)]
    public static partial int virDomainShutdown(LibvirtDomainHandle domain);

    [LibraryImport(Library)]
    public static partial int virDomainReboot(LibvirtDomainHandle domain, uint flags);

    [LibraryImport(Library)]
    public static partial int virDomainReset(LibvirtDomainHandle domain, uint flags);

    [LibraryImport(Library)]
    public static partial int virDomainDestroy(LibvirtDomainHandle domain);

    [LibraryImport(Library)]
    public static partial int virDomainSuspend(LibvirtDomainHandle domain);

    [LibraryImport(Library)]
    public static partial int virDomainResume(LibvirtDomainHandle domain);

    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial int virDomainSetMetadata(
        LibvirtDomainHandle domain, int type, string? metadata, string? key, string? uri, uint flags);

    [LibraryImport(Library, StringMarshalling = Utf8)]
    [return: MarshalUsing(typeof(OwnedString))]
    public static partial string? virDomainGetMetadata(LibvirtDomainHandle domain, int type, string? uri, uint flags);

    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial int virDomainAttachDeviceFlags(LibvirtDomainHandle domain, string xml, uint flags);

    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial int virDomainDetachDeviceFlags(LibvirtDomainHandle domain, string xml, uint flags);

    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial int virDomainDetachDeviceAlias(LibvirtDomainHandle domain, string alias, uint flags);

    // Migration.

    [LibraryImport(Library)]
    public static partial int virDomainGetJobStats(
        LibvirtDomainHandle domain, out int type, out nint parameters, out int count, uint flags);

    [LibraryImport(Library)]
    public static partial int virDomainAbortJob(LibvirtDomainHandle domain);

    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial int virDomainMigrateToURI3(LibvirtDomainHandle domain, string uri, void* parameters, uint count, uint flags);

    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial int virTypedParamsAddString(ref nint parameters, ref int count, ref int room, string name, string value);

    /// <returns>1; 0 when there is no such parameter.</returns>
    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial int virTypedParamsGetInt(nint parameters, int count, string name, out int value);

    /// <inheritdoc cref="virTypedParamsGetInt"/>
    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial int virTypedParamsGetULLong(nint parameters, int count, string name, out ulong value);

    [LibraryImport(Library)]
    public static partial void virTypedParamsFree(nint parameters, int count);

    // Networks.

    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial LibvirtNetworkHandle virNetworkLookupByName(LibvirtConnectHandle connection, string name);

    [LibraryImport(Library)]
    public static partial int virNetworkFree(nint network);

    /// <returns>1 when it is.</returns>
    [LibraryImport(Library)]
    public static partial int virNetworkIsActive(LibvirtNetworkHandle network);

    // Devices of the host.

    [LibraryImport(Library)]
    public static partial int virConnectListAllNodeDevices(LibvirtConnectHandle connection, nint** devices, uint flags);

    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial LibvirtNodeDeviceHandle virNodeDeviceLookupByName(LibvirtConnectHandle connection, string name);

    [LibraryImport(Library)]
    public static partial int virNodeDeviceFree(nint device);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(LentString))]
    public static partial string? virNodeDeviceGetName(LibvirtNodeDeviceHandle device);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(OwnedString))]
    public static partial string? virNodeDeviceGetXMLDesc(LibvirtNodeDeviceHandle device, uint flags);

    [LibraryImport(Library)]
    public static partial int virNodeDeviceReset(LibvirtNodeDeviceHandle device);

    [LibraryImport(Library, StringMarshalling = Utf8)]
    public static partial int virNodeDeviceDetachFlags(LibvirtNodeDeviceHandle device, string? driver, uint flags);

    [LibraryImport(Library)]
    public static partial int virNodeDeviceReAttach(LibvirtNodeDeviceHandle device);

    /// <summary>virNodeInfo.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct NodeInfo
    {
        public fixed byte Model[32];

        /// <summary>In KiB.</summary>
        public nuint Memory;
        public uint Cpus;

        /// <summary>MHz; 0 when not known.</summary>
        public uint Speed;
        public uint Nodes;
        public uint Sockets;
        public uint Cores;
        public uint Threads;
    }
}
