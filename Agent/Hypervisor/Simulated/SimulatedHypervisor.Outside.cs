using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>What happens on a simulated host without a command: faults, guests with a will of their own, the power button.</summary>
internal sealed partial class SimulatedHypervisor
{
    /// <summary>What goes wrong from now on; a plan without <see cref="FaultPlan.HangStarts"/> releases the starts that hang.</summary>
    public FaultPlan Faults
    {
        get
        {
            lock (_gate) return _faults;
        }

        set
        {
            lock (_gate)
            {
                _faults = value;
                if (value.HangStarts > 0) return;
                foreach (var start in _hanging) start.Set();
                _hanging.Clear();
            }
        }
    }

    /// <summary>The guest switches itself off. False when there is no such domain.</summary>
    public bool PowerOff(Guid uuid) => Happen(uuid, () => _host.End(uuid), "powered itself off");

    /// <summary>The domain pauses, e.g. after an I/O error. False when there is no such domain.</summary>
    public bool Pause(Guid uuid) =>
        Happen(uuid, () => _host.Save(Existing(uuid) with { State = DomainState.Paused }), "paused");

    /// <summary>Somebody presses the domain's reset button. False when there is no such domain.</summary>
    public bool Reset(Guid uuid) => Happen(uuid, () => Boot(Existing(uuid)), "was reset");

    /// <summary>Somebody starts a domain on the host, without management or agent, as <c>virsh create</c> does.</summary>
    /// <exception cref="HypervisorException">It cannot be started, e.g. because another domain has a device of it.</exception>
    public void Create(OutsideDomain domain)
    {
        lock (_gate)
        {
            LookAround();
            _host.Begin(domain.ToVirtualMachine(), _faults.Vanished, _faults.SparePorts, starting: false);
        }

        LogHappened(_host.Guid, domain.Uuid, "was started from outside");
        Changed?.Invoke();
    }

    /// <summary>The host reboots: all domains are gone, and the boot id is another.</summary>
    /// <param name="bootId">The new boot id.</param>
    /// <param name="moves">The devices that have other addresses from then on, by the addresses that they had; null for none.</param>
    /// <exception cref="ArgumentException">Devices cannot be moved like this. Nothing has happened.</exception>
    public void RebootHost(Guid bootId, IReadOnlyDictionary<PciAddress, PciAddress>? moves = null)
    {
        lock (_gate)
        {
            _life.Token.ThrowIfCancellationRequested();
            if (moves is not null) _host.PciBus.Renumber(moves);
            _host.PowerOff(bootId.ToString());
            _host.Migrations.Open();
        }

        LogRebooted(_host.Guid, bootId);
        Changed?.Invoke();
    }

    private bool Happen(Guid uuid, Action happening, string what)
    {
        lock (_gate)
        {
            if (_life.IsCancellationRequested || _host.Find(uuid) is not { IsActive: true }) return false;
            happening();
        }

        LogHappened(_host.Guid, uuid, what);
        Changed?.Invoke();
        return true;
    }

    private async Task ComeUpLaterAsync(Guid uuid)
    {
        await Task.Delay(_settings.StartTime, _timeProvider, _life.Token);
        ComeUp(uuid);
    }

    private async Task EndLaterAsync(Guid uuid)
    {
        if (_settings.StopTime > TimeSpan.Zero) await Task.Delay(_settings.StopTime, _timeProvider, _life.Token);
        End(uuid);
    }

    private async Task EndUnattendedAsync(Guid uuid)
    {
        await EndLaterAsync(uuid);
        Changed?.Invoke();
    }

    private void ComeUp(Guid uuid)
    {
        lock (_gate)
        {
            _life.Token.ThrowIfCancellationRequested();
            var domain = _host.Find(uuid) ?? throw LibvirtErrors.ProcessExited();
            if (domain.Starting) _host.Save(domain with { Starting = false });
        }
    }

    private void End(Guid uuid)
    {
        lock (_gate)
        {
            _life.Token.ThrowIfCancellationRequested();
            if (_host.Find(uuid) is not null) _host.End(uuid);
        }
    }

    /// <summary>Guests act on their own. Their tasks are kept so that the log shows their failures. Called under the gate.</summary>
    private void Track(Task guest)
    {
        _guests.RemoveAll(task => task.IsCompleted);
        _guests.Add(WatchAsync(guest));
    }

    private async Task WatchAsync(Task guest)
    {
        try
        {
            await guest;
        }
        catch (OperationCanceledException)
        {
            // The simulator is gone.
        }
        catch (Exception e) when (e is HypervisorException or IOException)
        {
            LogGuestFailed(_host.Guid, e);
        }
    }

    [LoggerMessage(3001, LogLevel.Information, "{HostGuid}: domain {VmUuid} {What}")]
    private partial void LogHappened(string hostGuid, Guid vmUuid, string what);

    [LoggerMessage(3002, LogLevel.Information, "{HostGuid}: the simulated host rebooted, boot id is now {BootId}")]
    private partial void LogRebooted(string hostGuid, Guid bootId);

    [LoggerMessage(3003, LogLevel.Warning, "{HostGuid}: a simulated guest failed")]
    private partial void LogGuestFailed(string hostGuid, Exception exception);
}
