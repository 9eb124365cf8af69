namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>Live migration to another simulated host. It goes on without the agent, as a migration of libvirtd does.</summary>
internal sealed partial class SimulatedHypervisor
{
    private static readonly TimeSpan LongestDowntime = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<Guid, MigrationRun> _migrations = [];

    public string MigrationUri => _host.Migrations.Uri;

    public Task<string?> ObjectionToMigrateAsync(Guid uuid, string destination, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            LookAround();
            return Task.FromResult(_faults.OtherProcessorsLack is { } lacks
                ? $"the destination's processor does not do for the guest: it lacks {lacks}"
                : null);
        }
    }

    public async Task MigrateAsync(Guid uuid, string destination, bool autoConverge, CancellationToken cancellationToken)
    {
        MigrationRun run;
        lock (_gate)
        {
            LookAround();
            var domain = Askable(uuid);
            if (domain.Outgoing is not null) throw LibvirtErrors.CannotLock();
            if (domain.PciDevices.Count > 0) throw LibvirtErrors.HasPciDevice(domain.PciDevices[0]);
            _host.Migrations.At(destination).Offer(domain);
            var fault = _faults.FaultOf(uuid, domain.Migrations);
            if (_faults.Migrations.Count > 0) _faults = _faults with { Migrations = [.. _faults.Migrations.Skip(1)] };
            _host.Save(domain with { Outgoing = destination, OutgoingFault = fault, Migrations = domain.Migrations + 1 });
            run = BeginMigration(uuid, fault);
        }

        if (run.Fault == MigrationFault.LosesConnection) throw LibvirtErrors.SocketClosed();
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _life.Token);
        await run.Ended.WaitAsync(Timeout.InfiniteTimeSpan, given.Token);
        if (run.Error is { } error) throw error;
    }

    public async Task AbortMigrationAsync(Guid uuid, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            LookAround();
            var domain = Existing(uuid);
            if (!_migrations.TryGetValue(uuid, out var run) || domain.Suspended) throw LibvirtErrors.NoJob();
            if (run.Fault != MigrationFault.AbortHangs)
            {
                run.Aborted = true;
                run.Wake.Set();
                return;
            }
        }

        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _life.Token);
        await Task.Delay(Timeout.InfiniteTimeSpan, _timeProvider, given.Token);
    }

    public Task<MigrationJob?> FindMigrationAsync(Guid uuid, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            LookAround();
            if (!_migrations.TryGetValue(uuid, out var run) || _host.Find(uuid) is not { } domain)
            {
                return Task.FromResult<MigrationJob?>(null);
            }
            var left = run.NeverEnds ? 1 : (run.Until - _timeProvider.GetUtcNow()) / _settings.MigrationTime;
            return Task.FromResult<MigrationJob?>(new MigrationJob(domain.Memory, (long)(domain.Memory * Math.Clamp(left, 0, 1))));
        }
    }

    /// <summary>Called under the gate.</summary>
    private MigrationRun BeginMigration(Guid uuid, MigrationFault fault)
    {
        var run = new MigrationRun(fault, _timeProvider) { Until = _timeProvider.GetUtcNow() + _settings.MigrationTime };
        _migrations[uuid] = run;
        Track(CarryOverAsync(uuid, run));
        return run;
    }

    private async Task CarryOverAsync(Guid uuid, MigrationRun run)
    {
        try
        {
            while (CarryMemory(uuid, run) is { } pause) await run.Wake.WaitAsync(pause, _life.Token);
            Suspend(uuid);
            var downtime = _settings.MigrationTime / 4 < LongestDowntime ? _settings.MigrationTime / 4 : LongestDowntime;
            if (downtime > TimeSpan.Zero) await Task.Delay(downtime, _timeProvider, _life.Token);
            SwitchOver(uuid, run);
        }
        catch (Exception e) when (e is HypervisorException or IOException)
        {
            run.Error = e as HypervisorException ?? LibvirtErrors.Failed(e.Message);
        }

        lock (_gate) _migrations.Remove(uuid);
        run.Ended.Set();
        Changed?.Invoke();
    }

    /// <summary>How long until the next round; null when all is carried over.</summary>
    private TimeSpan? CarryMemory(Guid uuid, MigrationRun run)
    {
        lock (_gate)
        {
            _life.Token.ThrowIfCancellationRequested();
            if (_host.Find(uuid) is not { Outgoing: { } destination } domain) throw LibvirtErrors.EndedOnItsWay();
            if (domain.Suspended) return null;
            if (run.Aborted) throw GiveUp(domain, LibvirtErrors.MigrationCanceled());
            if (!MigrationFolder.Of(destination).IsIncoming(uuid)) throw GiveUp(domain, LibvirtErrors.MigrationFailed());
            var left = run.NeverEnds ? Round : run.Until - _timeProvider.GetUtcNow();
            if (left > TimeSpan.Zero) return left < Round ? left : Round;
            return run.Fault switch
            {
                MigrationFault.FailsBeforeSwitch => throw GiveUp(domain, LibvirtErrors.MigrationFailed()),
                MigrationFault.LeavesIncoming => throw GiveUp(domain, LibvirtErrors.SocketClosed(), withdraw: false),
                _ => null,
            };
        }
    }

    private void Suspend(Guid uuid)
    {
        lock (_gate)
        {
            _life.Token.ThrowIfCancellationRequested();
            _host.Suspend(Existing(uuid));
        }
    }

    private void SwitchOver(Guid uuid, MigrationRun run)
    {
        lock (_gate)
        {
            _life.Token.ThrowIfCancellationRequested();
            if (_host.Find(uuid) is not { Outgoing: { } destination } domain) throw LibvirtErrors.EndedOnItsWay();
            if (run.Fault == MigrationFault.FailsAtSwitch || !MigrationFolder.Of(destination).SwitchOver(uuid, _timeProvider.GetUtcNow()))
            {
                throw GiveUp(domain, LibvirtErrors.MigrationFailed());
            }

            if (run.Fault == MigrationFault.StaysOnBothSides)
            {
                _host.Save(domain with { Outgoing = null });
                throw LibvirtErrors.SocketClosed();
            }

            _host.End(uuid);
        }
    }

    /// <summary>The domain stays here.</summary>
    private HypervisorException GiveUp(SimulatedDomain domain, HypervisorException why, bool withdraw = true)
    {
        if (withdraw) MigrationFolder.Of(domain.Outgoing!).Withdraw(domain.Uuid);
        _host.StayHere(domain);
        return why;
    }

    /// <summary>A migration that is under way.</summary>
    private sealed class MigrationRun(MigrationFault fault, TimeProvider timeProvider)
    {
        public MigrationFault Fault => fault;

        public bool NeverEnds => fault is MigrationFault.NeverConverges or MigrationFault.AbortHangs;

        /// <summary>When its memory will have been carried over.</summary>
        public DateTimeOffset Until { get; init; }

        public bool Aborted { get; set; }

        /// <summary>Why it failed; null while it goes on, and when it succeeded.</summary>
        public HypervisorException? Error { get; set; }

        public WakeUp Wake { get; } = new(timeProvider);

        public WakeUp Ended { get; } = new(timeProvider);
    }
}
