using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>
/// An honest fake of a KVM host, hypervisor and PCI devices in one. Domains live in files that are written before a call returns, so that
/// they outlive the agent as QEMU does; a device has one holder; calls take time and fail as libvirt's do. Disposed, it writes nothing
/// any more.
/// </summary>
internal sealed partial class SimulatedHypervisor : IHypervisor, IPciInventory
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _life = new();
    private readonly SimulatorProperties _settings;
    private readonly SimulatedHost _host;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly List<Task> _guests = [];
    private readonly List<WakeUp> _hanging = [];
    private readonly string _folder;
    private readonly Func<Guid> _newGuid;
    private FaultPlan _faults = new();
    private WebApplication? _control;

    /// <param name="folder">Where domains, devices, boot id and attachments.log are kept.</param>
    /// <param name="hostGuid">The host's guid, part of the serial numbers.</param>
    /// <param name="settings">What the host is like.</param>
    /// <param name="configured">The good entries of pci.devices at this moment: there is a device at each of them.</param>
    /// <param name="newGuid">Makes the machine's identity.</param>
    /// <param name="timeProvider">Makes starts and stops take their time.</param>
    /// <param name="logger">For what happens to the host from outside.</param>
    public SimulatedHypervisor(
        string folder,
        string hostGuid,
        SimulatorProperties settings,
        Func<IReadOnlyList<PciDeviceEntry>> configured,
        Func<Guid> newGuid,
        TimeProvider timeProvider,
        ILogger<SimulatedHypervisor> logger)
    {
        (_folder, _settings, _newGuid, _timeProvider, _logger) = (folder, settings, newGuid, timeProvider, logger);
        _host = new SimulatedHost(folder, hostGuid, configured, timeProvider);
    }

    public event Action? Changed;

    public string Version => "simulated";

    public HostCapacity Capacity => new(_settings.Cpus, _settings.Speed, _settings.Memory);

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _host.Load();
            SimulatedMachine.Find(_folder);
            foreach (var domain in _host.Domains.ToList())
            {
                LetGoOfAll(domain);
                if (domain.Outgoing is not null) BeginMigration(domain.Uuid, domain.OutgoingFault);

                // A start or an end that was under way when the agent died goes on without the agent, as it does in libvirtd.
                if (domain.Ending || domain.ShuttingDown) Track(EndUnattendedAsync(domain.Uuid));
                else if (domain.Starting) Track(ComeUpLaterAsync(domain.Uuid));
            }
        }

        if (_settings.ControlPort is { } port) _control = await SimulatorControl.StartAsync(this, port, cancellationToken);
    }

    public Task<string> GetMachineIdAsync(CancellationToken cancellationToken)
    {
        lock (_gate) return Task.FromResult(SimulatedMachine.IdOf(_folder, _newGuid));
    }

    // A simulated guest has neither network nor disk.
    public Task<string?> ObjectionToRunAsync(VirtualMachineTO vm, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    public Task<string> GetBootIdAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfGone();
            return Task.FromResult(_host.BootId);
        }
    }

    public Task<IReadOnlyList<Domain>> ListDomainsAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            LookAround();
            return Task.FromResult<IReadOnlyList<Domain>>([.. _host.Domains.Concat(_host.Incoming).Select(Show)]);
        }
    }

    public Task<Domain?> FindDomainAsync(Guid uuid, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            LookAround();
            return Task.FromResult(_host.Find(uuid) is { } domain ? Show(domain) : null);
        }
    }

    public async Task StartAsync(VirtualMachineTO vm, CancellationToken cancellationToken)
    {
        var atOnce = _settings.StartTime <= TimeSpan.Zero;
        WakeUp? hang = null;
        bool disconnect;
        lock (_gate)
        {
            LookAround();
            if (_faults.FailStarts > 0)
            {
                _faults = _faults with { FailStarts = _faults.FailStarts - 1 };
                throw LibvirtErrors.Failed(_faults.FailText);
            }

            disconnect = _faults.DisconnectStarts > 0;
            if (disconnect) _faults = _faults with { DisconnectStarts = _faults.DisconnectStarts - 1 };
            if (_faults.HangStarts > 0)
            {
                _faults = _faults with { HangStarts = _faults.HangStarts - 1 };
                hang = new WakeUp(_timeProvider);
                _hanging.Add(hang);
            }

            try
            {
                _host.Begin(vm, _faults.Vanished, _faults.SparePorts, starting: !atOnce || hang is not null || disconnect);
            }
            catch (IOException e)
            {
                _host.HasNotBegun(vm);
                throw LibvirtErrors.CannotWrite(e.Message);
            }

            if (disconnect) Track(ComeUpLaterAsync(vm.Uuid));
        }

        if (disconnect) throw LibvirtErrors.SocketClosed();
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _life.Token);
        if (hang is not null) await hang.WaitAsync(Timeout.InfiniteTimeSpan, given.Token);
        if (!atOnce) await Task.Delay(_settings.StartTime, _timeProvider, given.Token);
        ComeUp(vm.Uuid);
    }

    public Task ShutdownAsync(Guid uuid, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            LookAround();
            var domain = Existing(uuid);
            if (domain.Starting || !domain.IsActive || domain.State != DomainState.Running) throw LibvirtErrors.GuestNotRunning();
            if (_faults.IgnoreShutdown) return Task.CompletedTask;
            if (_settings.StopTime > TimeSpan.Zero) _host.Save(domain with { ShuttingDown = true });
            Track(EndLaterAsync(uuid));
        }

        return Task.CompletedTask;
    }

    public async Task DestroyAsync(Guid uuid, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            LookAround();
            var domain = Existing(uuid);
            if (domain.Incoming)
            {
                // The incoming domain may have begun to live in this moment: a living domain was not meant.
                if (!_host.Migrations.Withdraw(uuid)) throw LibvirtErrors.NotRunning();
                return;
            }

            if (_settings.StopTime <= TimeSpan.Zero) _host.End(uuid);
            else _host.Save(domain with { Ending = true });
        }

        if (_settings.StopTime <= TimeSpan.Zero) return;
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _life.Token);
        await Task.Delay(_settings.StopTime, _timeProvider, given.Token);
        End(uuid);
    }

    public Task RebootAsync(Guid uuid, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            LookAround();
            var domain = Askable(uuid);
            // A request to a guest that is paused is no error, and is not heard.
            if (!_faults.IgnoreShutdown && domain.State == DomainState.Running) Boot(domain);
        }

        return Task.CompletedTask;
    }

    public Task<PciDeviceTO?> FindPciDeviceAsync(PciAddress address, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfGone();
            var found = _faults.Vanished.Contains(address) ? null : _host.PciBus.Find(address);
            return Task.FromResult(found is null ? null : found with { Unusable = WhyUnusable(address) });
        }
    }

    public Task<IReadOnlyList<PciDeviceTO>> ListPciDevicesAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfGone();
            return Task.FromResult<IReadOnlyList<PciDeviceTO>>(
                [.. _host.PciBus.All.Where(device => !_faults.Vanished.Contains(device.Address))]);
        }
    }

    public Task<IReadOnlyList<PciDeviceTO>> ServePciDevicesAsync(
        IReadOnlyCollection<PciAddress> configured, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfGone();
            return Task.FromResult<IReadOnlyList<PciDeviceTO>>(
                [.. configured.Where(address => !_faults.Vanished.Contains(address)).Select(_host.PciBus.Find).OfType<PciDeviceTO>()
                    .Select(device => device with { Unusable = WhyUnusable(device.Address) })]);
        }
    }

    public Task ResetPciDeviceAsync(PciAddress address, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfGone();
            if (_faults.Vanished.Contains(address) || _host.PciBus.Find(address) is null) throw LibvirtErrors.NoNodeDevice(address);
            if (_host.HolderOf(address) is not null) throw LibvirtErrors.NotResettingActive(address);
            if (_faults.NotClean.Contains(address)) throw LibvirtErrors.ResetFailed(address);
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_life.IsCancellationRequested) return ValueTask.CompletedTask;
            _life.Cancel();
            _host.Dispose();
        }

        return _control?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    /// <summary>Called under the gate. A reset carries out every unplug that the guest has not heard of.</summary>
    private void Boot(SimulatedDomain domain)
    {
        _host.Save(domain with { Boots = domain.Boots + 1, Booted = _timeProvider.GetUtcNow() });
        foreach (var device in domain.Unplugging) Remove(Existing(domain.Uuid), device, told: true);
    }

    /// <summary>Called under the gate.</summary>
    private Domain Show(SimulatedDomain domain) =>
        domain.ToDomain() with { GuestAgent = _faults.GuestAgents && domain.IsActive && IsUp(domain) };

    private bool IsUp(SimulatedDomain domain) => _timeProvider.GetUtcNow() >= domain.Booted + _faults.BootTime;

    private SimulatedDomain Existing(Guid uuid) => _host.Find(uuid) ?? throw LibvirtErrors.NoDomain(uuid);

    private void LookAround()
    {
        ThrowIfGone();
        _host.LookAround();
    }

    private string? WhyUnusable(PciAddress address) =>
        _faults.Unusable.Contains(address) ? $"the fault plan says that {address} can be given away no more" : null;

    private void ThrowIfGone()
    {
        _life.Token.ThrowIfCancellationRequested();
        if (_faults.Unreachable) throw LibvirtErrors.Unreachable();
    }
}
