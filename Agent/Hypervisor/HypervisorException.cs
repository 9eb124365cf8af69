namespace PciBus.Agent.Hypervisor;

/// <summary>The hypervisor refused or failed, in libvirt's numbers and words.</summary>
/// <param name="code">virErrorNumber, e.g. 55 OPERATION_INVALID.</param>
/// <param name="domain">virErrorDomain, e.g. 10 QEMU.</param>
/// <param name="message">libvirt's text.</param>
internal sealed class HypervisorException(int code, int domain, string message) : Exception(message)
{
    /// <summary>virErrorDomain of libvirt's connection.</summary>
    public const int RpcDomain = 7;

    public int Code { get; } = code;

    public int Domain { get; } = domain;

    /// <summary>There was no connection to ask by: the hypervisor does not carry out anything.</summary>
    public bool WasNotAsked { get; init; }

    /// <summary>The connection broke: the hypervisor may still carry out what it was asked.</summary>
    public bool OutcomeUnknown => Domain == RpcDomain && !WasNotAsked;
}
