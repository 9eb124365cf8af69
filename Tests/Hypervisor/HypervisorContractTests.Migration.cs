using PciBus.Agent.Hypervisor;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Hypervisor;

/// <summary>Live migration, from one host to the other.</summary>
public abstract partial class HypervisorContractTests
{
    [Fact]
    public async Task Migration_TakesTheDomainAlong()
    {
        await _bench.First.StartAsync(_vm, Token);
        await _bench.First.MigrateAsync(_vm.Uuid, _bench.Second.MigrationUri, autoConverge: true, Token);

        Assert.Null(await FindAsync());
        Assert.Empty(await _bench.First.ListDomainsAsync(Token));
        var there = Assert.Single(await _bench.Second.ListDomainsAsync(Token));
        Assert.Equal((_vm.Uuid, "i-2-10-VM", DomainState.Running), (there.Uuid, there.Name, there.State));
        Assert.Equal((false, false), (there.HasJob, there.Incoming));
        await _bench.Second.MigrateAsync(_vm.Uuid, _bench.First.MigrationUri, autoConverge: false, Token);
        Assert.Equal(DomainState.Running, (await FindAsync())!.State);
        Assert.Empty(await _bench.Second.ListDomainsAsync(Token));
    }

    [Fact]
    public async Task MigrationUnderWay_IsSeenOnBothSides_AndCanBeAborted()
    {
        await _bench.First.StartAsync(_vm with { MaxRam = 4L << 30 }, Token);
        await _bench.SlowDownAsync(_vm.Uuid);
        var migration = _bench.First.MigrateAsync(_vm.Uuid, _bench.Second.MigrationUri, autoConverge: false, Token);
        await UntilAsync(async () => await _bench.First.FindMigrationAsync(_vm.Uuid, Token) is { MemoryTotal: > 0 }
            && await _bench.Second.FindDomainAsync(_vm.Uuid, Token) is { Incoming: true });

        Assert.Equal((DomainState.Running, true, false), await FindAsync() is { } here ? (here.State, here.HasJob, here.Incoming) : default);
        Assert.True(Assert.Single(await _bench.Second.ListDomainsAsync(Token)) is { State: DomainState.Paused, HasJob: true, Status: DomainStatus.Incoming });
        Assert.Null(await _bench.Second.FindMigrationAsync(_vm.Uuid, Token));
        await _bench.First.AbortMigrationAsync(_vm.Uuid, Token);
        await RefusedAsync(78, 10, "operation aborted: job 'migration out' canceled by client", () => migration);
        Assert.True(await FindAsync() is { State: DomainState.Running, HasJob: false });
        await UntilAsync(async () => await _bench.Second.FindDomainAsync(_vm.Uuid, Token) is null);
    }

    [Fact]
    public async Task IncomingDomain_CanBeDestroyed_AndRunsOnWhereItWas()
    {
        await _bench.First.StartAsync(_vm with { MaxRam = 4L << 30 }, Token);
        await _bench.SlowDownAsync(_vm.Uuid);
        var migration = _bench.First.MigrateAsync(_vm.Uuid, _bench.Second.MigrationUri, autoConverge: false, Token);
        await UntilAsync(async () => await _bench.Second.FindDomainAsync(_vm.Uuid, Token) is { Incoming: true });
        await RefusedAsync(55, 20, "domain 'i-2-10-VM' is already active", () => _bench.Second.StartAsync(_vm, Token));

        await _bench.Second.DestroyAsync(_vm.Uuid, Token);
        await Assert.ThrowsAsync<HypervisorException>(() => migration);
        Assert.True(await FindAsync() is { State: DomainState.Running, HasJob: false });
        Assert.Empty(await _bench.Second.ListDomainsAsync(Token));
    }

    [Fact]
    public async Task Migration_IsRefused_WhereItCannotGo()
    {
        await _bench.First.StartAsync(_vm, Token);
        await RefusedAsync(55, 10, "Requested operation is not valid: no job is active on the domain", () => _bench.First.AbortMigrationAsync(_vm.Uuid, Token));
        await RefusedAsync(1, 10, "internal error: Attempt to migrate guest to the same host", () => MigrateAsync(_bench.First.MigrationUri));
        await RefusedAsync(38, 7, "Connection refused", () => MigrateAsync("qemu+tcp://127.0.0.1:1/system"));
        var namesake = Vm("i-2-10-VM");
        await _bench.Second.StartAsync(namesake, Token);
        await RefusedAsync(9, 20, $"operation failed: domain 'i-2-10-VM' already exists with uuid {namesake.Uuid}", () => MigrateAsync(_bench.Second.MigrationUri));
        await _bench.Second.DestroyAsync(namesake.Uuid, Token);
        await _bench.Second.StartAsync(_vm with { Name = "i-2-11-VM" }, Token);
        await RefusedAsync(9, 20, $"operation failed: domain 'i-2-11-VM' is already defined with uuid {_vm.Uuid}", () => MigrateAsync(_bench.Second.MigrationUri));

        Assert.True(await FindAsync() is { State: DomainState.Running, HasJob: false });
    }

    [Fact]
    public async Task DomainThatIsDestroyedOnItsWay_IsGoneOnBothSides()
    {
        await _bench.First.StartAsync(_vm with { MaxRam = 4L << 30 }, Token);
        await _bench.SlowDownAsync(_vm.Uuid);
        var migration = MigrateAsync(_bench.Second.MigrationUri);
        await UntilAsync(async () => await _bench.First.FindMigrationAsync(_vm.Uuid, Token) is { MemoryTotal: > 0 });

        await _bench.First.DestroyAsync(_vm.Uuid, Token);
        // libvirt 9.0 says so as its general part (20), 11.3 as QEMU's driver (10).
        var refusal = await Assert.ThrowsAsync<HypervisorException>(() => migration);
        Assert.Equal((9, "operation failed: domain is not running"), (refusal.Code, refusal.Message));
        Assert.True(refusal.Domain is 20 or 10, $"{refusal.Domain}");
        Assert.Null(await FindAsync());
        await UntilAsync(async () => await _bench.Second.FindDomainAsync(_vm.Uuid, Token) is null);
    }

    [Fact]
    public async Task PausedDomain_StaysPausedWhereItGoes()
    {
        await _bench.First.StartAsync(_vm, Token);
        await _bench.PauseAsync(_vm.Uuid);
        await MigrateAsync(_bench.Second.MigrationUri);

        Assert.Null(await FindAsync());
        Assert.Equal(DomainStatus.Paused, (await _bench.Second.FindDomainAsync(_vm.Uuid, Token))!.Status);
    }

    private Task MigrateAsync(string destination) => _bench.First.MigrateAsync(_vm.Uuid, destination, autoConverge: false, Token);
}
