namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Reads libvirt's errors: by their numbers, never by their text, which differs between versions.</summary>
internal static class LibvirtFailures
{
    /// <summary>VIR_ERR_INTERNAL_ERROR.</summary>
    public const int InternalError = 1;

    /// <summary>VIR_ERR_XML_ERROR.</summary>
    public const int XmlError = 27;

    /// <summary>VIR_ERR_OPERATION_INVALID.</summary>
    public const int OperationInvalid = 55;

    /// <summary>VIR_ERR_OPERATION_TIMEOUT.</summary>
    public const int OperationTimeout = 68;

    /// <summary>VIR_ERR_NO_DOMAIN_METADATA.</summary>
    public const int NoDomainMetadata = 80;

    /// <summary>VIR_ERR_OPERATION_UNSUPPORTED.</summary>
    public const int OperationUnsupported = 84;

    /// <summary>VIR_ERR_CPU_INCOMPATIBLE.</summary>
    public const int CpuIncompatible = 91;

    /// <summary>VIR_FROM_QEMU, an error domain.</summary>
    public const int FromQemu = 10;

    /// <param name="code">virErrorNumber.</param>
    /// <param name="domain">virErrorDomain.</param>
    public static LibvirtFailure Of(int code, int domain) => (code, domain) switch
    {
        // Whatever the connection says is about the connection: also of the one between two hosts that a migration needs.
        (_, HypervisorException.RpcDomain) => LibvirtFailure.Connection,
        // NO_SUPPORT, ARGUMENT_UNSUPPORTED, OPERATION_UNSUPPORTED.
        (3 or 74 or OperationUnsupported, _) => LibvirtFailure.NotSupported,
        // INVALID_CONN: libvirt knows already that it is closed.
        (6, _) => LibvirtFailure.Connection,
        (9, _) => LibvirtFailure.Failed,
        (42, _) => LibvirtFailure.NoDomain,
        (43, _) => LibvirtFailure.NoNetwork,
        (53, _) => LibvirtFailure.NoNodeDevice,
        (OperationInvalid, _) => LibvirtFailure.Invalid,
        (OperationTimeout, _) => LibvirtFailure.TimedOut,
        (78, _) => LibvirtFailure.Aborted,
        (99, _) => LibvirtFailure.DeviceMissing,
        _ => LibvirtFailure.Other,
    };

    /// <summary>The same for whoever serves a hypervisor and knows nothing of libvirt's calls.</summary>
    public static HypervisorException ToHypervisor(LibvirtException error) => new(
        error.Code, error.Failure == LibvirtFailure.Connection ? HypervisorException.RpcDomain : error.Domain, error.Message)
    {
        WasNotAsked = error.WasNotAsked,
    };
}
