using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>Devices that come and go while a domain runs: guests let go when they please, if they do.</summary>
internal sealed partial class SimulatedHypervisor
{
    /// <summary>How long libvirt waits for a guest before it says that it has asked it.</summary>
    private static readonly TimeSpan DetachWindow = TimeSpan.FromSeconds(5);

    /// <summary>How long libvirt waits for a domain that another job holds.</summary>
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    private readonly List<(Guid Domain, PciAddress Device, WakeUp Wake)> _windows = [];

    public event Action<DeviceEvent>? DeviceChanged;

    public async Task DetachDeviceAsync(Guid uuid, PciAddress device, CancellationToken cancellationToken)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _life.Token);
        await WaitForMigrationAsync(uuid, given.Token);
        var window = (uuid, device, new WakeUp(_timeProvider));
        GuestBehaviour behaviour;
        lock (_gate)
        {
            LookAround();
            var domain = Askable(uuid);
            if (!domain.PciDevices.Contains(device)) throw LibvirtErrors.DeviceMissing(device);
            behaviour = _settings.DeafDevices.Contains(device) ? GuestBehaviour.Deaf : _faults.BehaviourOf(uuid, device);
            if (behaviour == GuestBehaviour.Busy) throw LibvirtErrors.GuestBusy();
            if (behaviour == GuestBehaviour.NoHotplug) throw LibvirtErrors.NotHotpluggable(domain.ToDomain().GuestAddressOf(device) ?? "");
            if (domain.Unplugging.Contains(device) && _faults.RefuseSecondRequest) throw LibvirtErrors.AlreadyUnplugging(device);
            _windows.Add(window);
            Ask(domain, device, behaviour);
        }

        try
        {
            await window.Item3.WaitAsync(DetachWindow, given.Token);
        }
        finally
        {
            lock (_gate) _windows.Remove(window);
        }

        if (behaviour == GuestBehaviour.Refusing) throw LibvirtErrors.RejectedByGuest();
    }

    public async Task AttachDeviceAsync(Guid uuid, PciDeviceTO device, string? guestAddress, CancellationToken cancellationToken)
    {
        var address = device.Address;
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _life.Token);
        await WaitForMigrationAsync(uuid, given.Token);
        lock (_gate)
        {
            LookAround();
            var domain = Askable(uuid);
            if (_faults.FailAttaches > 0)
            {
                _faults = _faults with { FailAttaches = _faults.FailAttaches - 1 };
                throw LibvirtErrors.Failed(_faults.FailText);
            }

            _host.RefuseIfHeld(address);
            if (_faults.Vanished.Contains(address) || _host.PciBus.Find(address) is null) throw LibvirtErrors.CannotAdd(address);
            if (domain.FreePort(guestAddress) is not { } port) throw LibvirtErrors.NoMoreSlots();
            if (_faults.DisconnectAttaches > 0)
            {
                _faults = _faults with { DisconnectAttaches = _faults.DisconnectAttaches - 1 };
                Track(AttachLaterAsync(uuid, address, port));
                throw LibvirtErrors.SocketClosed();
            }

            _host.Attach(domain, address, port);
        }

        if (_settings.HotplugTime > TimeSpan.Zero) await Task.Delay(_settings.HotplugTime, _timeProvider, given.Token);
    }

    /// <summary>Makes the device leave the domain unasked, e.g. as its physical function went. False when it is not there.</summary>
    public bool Eject(Guid uuid, PciAddress device)
    {
        lock (_gate)
        {
            if (_life.IsCancellationRequested || _host.Find(uuid) is not { } domain || !domain.PciDevices.Contains(device)) return false;
            Remove(domain, device, told: true);
        }

        LogHappened(_host.Guid, uuid, $"lost {device}");
        return true;
    }

    /// <summary>A paused domain goes on. False when there is no such domain.</summary>
    public bool Resume(Guid uuid) => Happen(
        uuid,
        () =>
        {
            var domain = Existing(uuid) with { State = DomainState.Running };
            _host.Save(domain);
            LetGoOfAll(domain);
        },
        "was resumed");

    private SimulatedDomain Askable(Guid uuid) =>
        Existing(uuid) is { CanBeAsked: true } domain ? domain : throw LibvirtErrors.NotRunning();

    /// <summary>Asks the guest to let go of a device; the guest does what the faults say. Called under the gate.</summary>
    private void Ask(SimulatedDomain domain, PciAddress device, GuestBehaviour behaviour)
    {
        // Firmware and an operating system that is not up yet do not hear the request, and nobody repeats it.
        if (!IsUp(domain)) return;
        if (behaviour == GuestBehaviour.Refusing)
        {
            Track(RefuseLaterAsync(domain.Uuid, device));
            return;
        }

        var lettingGo = behaviour is GuestBehaviour.Willing or GuestBehaviour.Slow or GuestBehaviour.Silent;
        domain = domain with
        {
            Unplugging = [.. domain.Unplugging.Union([device])],
            LettingGo = lettingGo ? [.. domain.LettingGo.Union([device])] : domain.LettingGo,
        };
        _host.Save(domain);
        var time = behaviour == GuestBehaviour.Slow ? _faults.SlowTime : _settings.HotplugTime;
        if (lettingGo) Track(LetGoLaterAsync(domain.Uuid, device, time));
    }

    /// <summary>Goes on with what the guest was asked for and was about to do. Called under the gate.</summary>
    private void LetGoOfAll(SimulatedDomain domain)
    {
        foreach (var device in domain.LettingGo) Track(LetGoLaterAsync(domain.Uuid, device, _settings.HotplugTime));
    }

    /// <summary>The attachment that goes on although the caller's connection broke.</summary>
    private async Task AttachLaterAsync(Guid uuid, PciAddress device, int port)
    {
        if (_settings.HotplugTime > TimeSpan.Zero) await Task.Delay(_settings.HotplugTime, _timeProvider, _life.Token);
        lock (_gate)
        {
            _life.Token.ThrowIfCancellationRequested();
            _host.RefuseIfHeld(device);
            _host.Attach(Askable(uuid), device, port);
        }
    }

    private async Task LetGoLaterAsync(Guid uuid, PciAddress device, TimeSpan time)
    {
        if (time > TimeSpan.Zero) await Task.Delay(time, _timeProvider, _life.Token);
        lock (_gate)
        {
            _life.Token.ThrowIfCancellationRequested();
            if (_host.Find(uuid) is { CanBeAsked: true, State: DomainState.Running } domain && domain.LettingGo.Contains(device))
            {
                Remove(domain, device, told: _faults.BehaviourOf(uuid, device) != GuestBehaviour.Silent);
            }
        }
    }

    private async Task RefuseLaterAsync(Guid uuid, PciAddress device)
    {
        if (_settings.HotplugTime > TimeSpan.Zero) await Task.Delay(_settings.HotplugTime, _timeProvider, _life.Token);
        lock (_gate) CloseWindows(uuid, device);
        DeviceChanged?.Invoke(new DeviceEvent(uuid, device, Removed: false));
    }

    /// <summary>Called under the gate; those who hear of the removal only take note.</summary>
    private void Remove(SimulatedDomain domain, PciAddress device, bool told)
    {
        _host.Detach(domain, device);
        CloseWindows(domain.Uuid, device);
        if (told && !_faults.Unreachable) DeviceChanged?.Invoke(new DeviceEvent(domain.Uuid, device, Removed: true));
    }

    private void CloseWindows(Guid uuid, PciAddress device)
    {
        foreach (var window in _windows.Where(window => window.Domain == uuid && window.Device == device)) window.Wake.Set();
    }

    private async Task WaitForMigrationAsync(Guid uuid, CancellationToken cancellationToken)
    {
        var until = _timeProvider.GetUtcNow() + LockWait;
        while (true)
        {
            lock (_gate)
            {
                LookAround();
                if (_host.Find(uuid)?.Outgoing is null) return;
            }

            if (_timeProvider.GetUtcNow() >= until) throw LibvirtErrors.CannotLock();
            await Task.Delay(Round, _timeProvider, cancellationToken);
        }
    }
}
