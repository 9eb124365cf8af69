using System.Runtime.InteropServices;

namespace PciBus.Agent.Hypervisor.Libvirt.Native;

/// <summary>
/// The functions of libvirt.so.0 that the agent uses, under their own names; https://libvirt.org/html has them. Each that
/// fails leaves its error on the thread that called it, for <see cref="LibvirtError"/>.
/// </summary>
internal static unsafe partial class LibvirtApi
{
    public const string Library = "libvirt.so.0";

    [LibraryImport(Library)]
    public static partial int virInitialize();

    [LibraryImport(Library)]
    public static partial int virEventRegisterDefaultImpl();

    [LibraryImport(Library)]
    public static partial int virEventRunDefaultImpl();

    [LibraryImport(Library)]
    public static partial void virSetErrorFunc(nint userData, nint handler);

    [LibraryImport(Library)]
    public static partial int virGetLastErrorCode();

    [LibraryImport(Library)]
    public static partial int virGetLastErrorDomain();

    [LibraryImport(Library)]
    public static partial nint virGetLastErrorMessage();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial ConnectionHandle virConnectOpen(string uri);

    [LibraryImport(Library)]
    public static partial int virConnectClose(nint connection);

    [LibraryImport(Library)]
    public static partial int virConnectIsAlive(ConnectionHandle connection);

    [LibraryImport(Library)]
    public static partial int virConnectSetKeepAlive(ConnectionHandle connection, int interval, uint count);

    [LibraryImport(Library)]
    public static partial int virConnectRegisterCloseCallback(
        ConnectionHandle connection, nint closed, nint opaque, nint freeOpaque);

    [LibraryImport(Library)]
    public static partial int virConnectUnregisterCloseCallback(ConnectionHandle connection, nint closed);

    [LibraryImport(Library)]
    public static partial int virConnectGetLibVersion(ConnectionHandle connection, out CULong version);

    [LibraryImport(Library)]
    public static partial int virConnectGetVersion(ConnectionHandle connection, out CULong version);

    [LibraryImport(Library)]
    public static partial int virConnectDomainEventRegisterAny(
        ConnectionHandle connection, nint domain, int eventId, nint callback, nint opaque, nint freeOpaque);

    [LibraryImport(Library)]
    public static partial int virConnectDomainEventDeregisterAny(ConnectionHandle connection, int callbackId);

    [LibraryImport(Library)]
    public static partial int virConnectListAllDomains(ConnectionHandle connection, out nint* domains, uint flags);

    [LibraryImport(Library)]
    public static partial DomainHandle virDomainLookupByUUID(ConnectionHandle connection, ReadOnlySpan<byte> uuid);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial DomainHandle virDomainCreateXML(ConnectionHandle connection, string xml, uint flags);

    [LibraryImport(Library)]
    public static partial int virDomainFree(nint domain);

    [LibraryImport(Library)]
    public static partial int virDomainGetUUID(nint domain, byte* uuid);

    [LibraryImport(Library)]
    public static partial nint virDomainGetXMLDesc(DomainHandle domain, uint flags);

    [LibraryImport(Library)]
    public static partial int virDomainGetState(DomainHandle domain, out int state, out int reason, uint flags);

    [LibraryImport(Library)]
    public static partial int virDomainGetJobStats(
        DomainHandle domain, out int type, out nint parameters, out int count, uint flags);

    [LibraryImport(Library)]
    public static partial int virDomainAbortJob(DomainHandle domain);

    [LibraryImport(Library)]
    public static partial int virDomainShutdownFlags(DomainHandle domain, uint flags);

    [LibraryImport(Library)]
    public static partial int virDomainReboot(DomainHandle domain, uint flags);

    [LibraryImport(Library)]
    public static partial int virDomainReset(DomainHandle domain, uint flags);

    [LibraryImport(Library)]
    public static partial int virDomainDestroyFlags(DomainHandle domain, uint flags);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int virDomainAttachDeviceFlags(DomainHandle domain, string xml, uint flags);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int virDomainDetachDeviceFlags(DomainHandle domain, string xml, uint flags);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int virDomainDetachDeviceAlias(DomainHandle domain, string alias, uint flags);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int virDomainMigrateToURI3(
        DomainHandle domain, string destination, nint parameters, uint count, uint flags);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int virTypedParamsAddString(ref nint parameters, ref int count, ref int capacity, string name, string value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int virTypedParamsGetInt(nint parameters, int count, string name, out int value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int virTypedParamsGetULLong(nint parameters, int count, string name, out ulong value);

    [LibraryImport(Library)]
    public static partial void virTypedParamsFree(nint parameters, int count);
}
