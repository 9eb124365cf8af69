using PciBus.Agent.Hypervisor;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>The PCI devices of a real host, out of sysfs. No call waits longer for the kernel than its deadline.</summary>
internal sealed class SysfsPciInventory : IPciInventory
{
    private static readonly TimeSpan ReadTime = TimeSpan.FromSeconds(20);

    /// <summary>The kernel waits a minute for a device that is being reset.</summary>
    private static readonly TimeSpan ResetTime = TimeSpan.FromSeconds(90);

    private readonly SysfsPciBus _bus;
    private readonly PciDriverBinding _binding;
    private readonly PciDeviceReset _reset;
    private readonly Func<HostUses> _uses;
    private readonly Func<CancellationToken, Task<IReadOnlyList<Domain>>> _domains;
    private readonly TimeProvider _timeProvider;
    private readonly Lock _gate = new();

    /// <summary>
    /// What became of the devices that were to be bound; null for bound. Each is tried once while it is in pci.devices. Others read it at
    /// any time: it is replaced, and never changed.
    /// </summary>
    private volatile IReadOnlyDictionary<PciAddress, string?> _tried = new Dictionary<PciAddress, string?>();
    private Task<IReadOnlyList<PciDeviceTO>> _serving = Task.FromResult<IReadOnlyList<PciDeviceTO>>([]);

    /// <param name="sysfs">The kernel's devices.</param>
    /// <param name="uses">What the host lives on, at this moment.</param>
    /// <param name="domains">The host's domains: a device that a domain holds is not reset.</param>
    /// <param name="timeProvider">Measures the deadlines.</param>
    /// <param name="write">Writes to a file of sysfs; default: <see cref="KernelFolder.Write"/>.</param>
    public SysfsPciInventory(
        KernelFolder sysfs,
        Func<HostUses> uses,
        Func<CancellationToken, Task<IReadOnlyList<Domain>>> domains,
        TimeProvider timeProvider,
        Action<string, string>? write = null)
    {
        (_uses, _domains, _timeProvider) = (uses, domains, timeProvider);
        _bus = new SysfsPciBus(sysfs);
        _binding = new PciDriverBinding(sysfs, write ?? sysfs.Write);
        _reset = new PciDeviceReset(_bus, write ?? sysfs.Write);
    }

    public Task<PciDeviceTO?> FindPciDeviceAsync(PciAddress address, CancellationToken cancellationToken) =>
        WithinAsync(
            ReadTime,
            "could not be looked at",
            Task.Run(() => Judge([address], _bus.Find, _uses, toBeBound: [], WhyNotBound).SingleOrDefault(), cancellationToken),
            cancellationToken);

    public Task<IReadOnlyList<PciDeviceTO>> ListPciDevicesAsync(CancellationToken cancellationToken) => WithinAsync(
        ReadTime,
        "could not be listed",
        Task.Run<IReadOnlyList<PciDeviceTO>>(
            () => [.. _bus.List().Values.OrderBy(function => function.Address).Select(function => function.ToDevice())], cancellationToken),
        cancellationToken);

    public Task<IReadOnlyList<PciDeviceTO>> ServePciDevicesAsync(
        IReadOnlyCollection<PciAddress> configured, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // One that hangs is enough: each other one would hang with it.
            if (!_serving.IsCompleted) throw SysfsPciBus.Failure("PCI devices could not be made ready: the kernel does not answer");
            var wanted = configured.ToHashSet();
            _serving = Task.Run(() => Serve(wanted), CancellationToken.None);
            return WithinAsync(ResetTime, "could not be made ready", _serving, cancellationToken);
        }
    }

    /// <summary>
    /// How the devices of pci.devices are, for a look from outside: nothing is bound, and a device that could be bound counts as ready.
    /// </summary>
    public Task<IReadOnlyList<PciDeviceTO>> LookAtPciDevicesAsync(
        IReadOnlyCollection<PciAddress> configured, CancellationToken cancellationToken)
    {
        var wanted = configured.ToHashSet();
        return WithinAsync(
            ReadTime,
            "could not be looked at",
            Task.Run(() => Judge(wanted, _bus.List().GetValueOrDefault, _uses, wanted, notBound: _ => null), cancellationToken),
            cancellationToken);
    }

    public async Task ResetPciDeviceAsync(PciAddress address, CancellationToken cancellationToken)
    {
        if ((await _domains(cancellationToken)).FirstOrDefault(domain => domain.PciDevices.Contains(address)) is { } holder)
        {
            throw SysfsPciBus.Failure($"{address} is not reset: {holder.Name} has it");
        }

        await WithinAsync(
            ResetTime,
            $"could not be reset: {address} did not come back",
            Task.Run(
                () =>
                {
                    _reset.Reset(address);
                    return true;
                },
                cancellationToken),
            cancellationToken);
    }

    private IReadOnlyList<PciDeviceTO> Serve(HashSet<PciAddress> configured)
    {
        var tried = _tried.Where(one => configured.Contains(one.Key)).ToDictionary();
        var uses = _uses();
        var before = _bus.List();
        var toBind = configured.Where(address => !tried.ContainsKey(address)).ToHashSet();
        var usability = new PciUsability(before.GetValueOrDefault, _bus.Members, () => uses, toBind);
        foreach (var device in toBind.Select(before.GetValueOrDefault).OfType<PciFunction>())
        {
            // A device that may not be given away now is tried when it may.
            if (usability.WhyNot(device) is null) tried[device.Address] = _binding.Bind(device, usability);
        }

        _tried = tried;
        // What could not be bound hinders its partners.
        return Judge(configured, _bus.List().GetValueOrDefault, () => uses, toBeBound: [], WhyNotBound);
    }

    private IReadOnlyList<PciDeviceTO> Judge(
        HashSet<PciAddress> configured,
        Func<PciAddress, PciFunction?> find,
        Func<HostUses> uses,
        HashSet<PciAddress> toBeBound,
        Func<PciFunction, string?> notBound)
    {
        var usability = new PciUsability(find, _bus.Members, uses, toBeBound);
        return [.. configured.Order().Select(find).OfType<PciFunction>()
            .Select(device => device.ToDevice() with { Unusable = usability.WhyNot(device) ?? notBound(device) })];
    }

    private string? WhyNotBound(PciFunction device) => device.IsHeldForGuests ? null : _tried.GetValueOrDefault(device.Address)
        ?? $"the driver of {device.Address} is {device.Driver ?? "none"}, not {PciDriverBinding.Driver}: take the device out of "
            + "pci.devices and put it in again, or start the agent again";

    /// <summary>The kernel may hang in a device that is broken: its thread then stays there, and the agent goes on.</summary>
    private async Task<T> WithinAsync<T>(TimeSpan time, string trouble, Task<T> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work.WaitAsync(time, _timeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw SysfsPciBus.Failure($"PCI devices {trouble}: the kernel does not answer within {time.TotalSeconds:0} s");
        }
    }
}
