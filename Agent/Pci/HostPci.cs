using System.Collections.Concurrent;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>
/// The host's PCI devices, as far as they may be handed out: looked at, got ready, reset. Every call may block; a token that is
/// cancelled meanwhile keeps it from changing anything more.
/// </summary>
internal sealed class HostPci
{
    /// <summary>One for each IOMMU group: a device that hangs in its reset holds up its group alone.</summary>
    private readonly ConcurrentDictionary<int, Lock> _gates = [];

    private readonly Sysfs _sysfs;
    private readonly PciObstacles _obstacles;
    private readonly VfioBinder _binder;
    private readonly PciReset _reset;
    private readonly Func<IReadOnlyList<PciDeviceEntry>> _configured;

    /// <param name="sysfs">The kernel's files.</param>
    /// <param name="use">What the host does with its devices.</param>
    /// <param name="configured">The good entries of pci.devices at this moment.</param>
    /// <param name="write">Writes a text to one of the kernel's files; default: as it is.</param>
    public HostPci(Sysfs sysfs, HostUse use, Func<IReadOnlyList<PciDeviceEntry>> configured, Action<string, string>? write = null)
    {
        write ??= File.WriteAllText;
        (_sysfs, _configured) = (sysfs, configured);
        (_obstacles, _binder, _reset) = (new PciObstacles(sysfs, use), new VfioBinder(sysfs, write), new PciReset(sysfs, write));
    }

    /// <summary>Those of this machine.</summary>
    public static HostPci OfTheMachine(Func<IReadOnlyList<PciDeviceEntry>> configured)
    {
        var sysfs = new Sysfs("/");
        return new HostPci(sysfs, new HostUse(sysfs, HostUse.AddressesOf), configured);
    }

    /// <summary>Null when there is no such device.</summary>
    public PciFunction? Find(PciAddress address) => _sysfs.Find(address);

    /// <summary>Why a device must not be handed out; null when it may be, or is not there. Changes nothing.</summary>
    public string? ObstacleOf(PciAddress address) => _sysfs.Find(address) is { } function ? _obstacles.Of(function, Configured()) : null;

    /// <summary>Takes a device from the host's drivers, unless something is against it; it stays taken.</summary>
    /// <returns>Why it must not be handed out; null when it can be, or is not there.</returns>
    public string? Ready(PciAddress address, CancellationToken cancellationToken)
    {
        if (_sysfs.Find(address) is not { } seen) return null;
        lock (GateOf(seen))
        {
            cancellationToken.ThrowIfCancellationRequested();
            return _sysfs.Find(address) is { } function ? Take(function) : null;
        }
    }

    /// <summary>Resets and probes a device that no domain holds.</summary>
    /// <returns>Why it is not clean; null when it is.</returns>
    public string? Reset(PciAddress address, CancellationToken cancellationToken)
    {
        if (_sysfs.Find(address) is not { } seen) return Gone(address);
        lock (GateOf(seen))
        {
            // Whoever gave up waiting may have handed it out again since.
            cancellationToken.ThrowIfCancellationRequested();
            if (_sysfs.Find(address) is not { } function) return Gone(address);
            if (Take(function) is { } obstacle) return $"PCI device {address} is not reset: {obstacle}";
            cancellationToken.ThrowIfCancellationRequested();
            // A reset that loses the driver leaves it to whoever comes first.
            return _reset.Reset(function) ?? (_binder.Bind(address) is { } lost ? $"PCI device {address}: {lost}" : null);
        }
    }

    /// <summary>With the others of its group that may be taken, first: it can be used only when none of them is with another driver.</summary>
    private string? Take(PciFunction function)
    {
        var configured = Configured();
        if (_obstacles.Of(function, configured) is { } obstacle) return obstacle;
        foreach (var partner in _obstacles.Partners(function, configured))
        {
            if (_binder.Bind(partner) is { } trouble) return $"{partner} of its IOMMU group {function.IommuGroup}: {trouble}";
        }

        return _binder.Bind(function.Address);
    }

    private Lock GateOf(PciFunction function) => _gates.GetOrAdd(function.IommuGroup ?? -1, _ => new Lock());

    private Dictionary<PciAddress, PciDeviceEntry> Configured() => _configured().ToDictionary(entry => entry.Address);

    private static string Gone(PciAddress address) => $"PCI device {address} is gone";
}
