namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A call of libvirt failed, in libvirt's numbers and words.</summary>
/// <param name="code">virErrorNumber, e.g. 42 NO_DOMAIN.</param>
/// <param name="domain">virErrorDomain: the part of libvirt that says so, e.g. 10 QEMU.</param>
/// <param name="message">libvirt's text; it differs between versions.</param>
internal sealed class LibvirtException(int code, int domain, string message) : Exception(message)
{
    public int Code { get; } = code;

    public int Domain { get; } = domain;

    /// <inheritdoc cref="HypervisorException.WasNotAsked"/>
    public bool WasNotAsked { get; init; }

    /// <summary>What it means to PciBus.</summary>
    public LibvirtFailure Failure => LibvirtFailures.Of(Code, Domain);

    /// <summary>
    /// The error of the call that has just failed on this thread. libvirt keeps one for each thread and forgets it at the next call:
    /// nothing may come between, least of all an await.
    /// </summary>
    public static LibvirtException OfThisThread() => new(
        LibvirtNative.virGetLastErrorCode(), LibvirtNative.virGetLastErrorDomain(), LibvirtNative.virGetLastErrorMessage() ?? "");
}
