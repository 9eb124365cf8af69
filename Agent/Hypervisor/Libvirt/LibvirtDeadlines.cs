namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// How long a call may take before its connection counts as hung. libvirt itself waits 30 s for another job of a domain and then
/// says so: an answer is better than none, so a call about a domain has longer.
/// </summary>
internal static class LibvirtDeadlines
{
    /// <summary>The first connection after a boot has QEMU's capabilities probed, which took up to 40 s on a slow host.</summary>
    public static readonly TimeSpan Open = TimeSpan.FromSeconds(90);

    /// <summary>Another host is asked for what is good to know.</summary>
    public static readonly TimeSpan Ask = TimeSpan.FromSeconds(15);

    public static readonly TimeSpan Look = TimeSpan.FromSeconds(45);

    /// <summary>The first PCI device of a domain has all its memory pinned: seconds for each 100 GiB.</summary>
    public static readonly TimeSpan Change = TimeSpan.FromMinutes(3);

    /// <summary>Whoever waits for a migration has a deadline, and aborts it: this is for a libvirt that loses it.</summary>
    public static readonly TimeSpan Migration = TimeSpan.FromDays(1);

    /// <summary>Nobody needs what it answers.</summary>
    public static readonly TimeSpan Close = TimeSpan.FromSeconds(5);
}
