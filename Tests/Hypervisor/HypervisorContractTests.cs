using System.Runtime.CompilerServices;
using PciBus.Agent.Hypervisor;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Hypervisor.Libvirt;
using PciBus.Tests.Lab;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor;

/// <summary>What the agent relies on in a hypervisor, numbers and words of refusals among it: the simulator says what libvirt says.</summary>
public abstract partial class HypervisorContractTests : IAsyncLifetime
{
    private static readonly PciAddress Nowhere = PciAddress.Parse("ff:1f.7");

    private readonly VirtualMachineTO _vm = Vm("i-2-10-VM");
    private HypervisorBench _bench = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected abstract Task<HypervisorBench> OpenAsync(CancellationToken cancellationToken);

    public async ValueTask InitializeAsync() => _bench = await OpenAsync(Token);

    public async ValueTask DisposeAsync()
    {
        if (_bench is not null) await _bench.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task StartedDomain_Runs_AndIsFound()
    {
        await _bench.First.StartAsync(_vm, Token);

        var domain = await _bench.First.FindDomainAsync(_vm.Uuid, Token);
        Assert.Equivalent(Assert.Single(await _bench.First.ListDomainsAsync(Token)), domain, strict: true);
        Assert.Equal((_vm.Uuid, "i-2-10-VM", DomainState.Running), (domain!.Uuid, domain.Name, domain.State));
        Assert.Equal((false, false, DomainStatus.Running), (domain.HasJob, domain.Incoming, domain.Status));
        Assert.Empty(domain.PciDevices);
        Assert.False(domain.GuestAgent);
        Assert.Empty(await _bench.Second.ListDomainsAsync(Token));
        Assert.Null(await _bench.First.FindDomainAsync(Guid.NewGuid(), Token));
        Assert.Null(await _bench.First.FindMigrationAsync(_vm.Uuid, Token));
    }

    [Fact]
    public async Task Host_HasABoot_AndAPlaceForItsVms()
    {
        Assert.NotEmpty(await _bench.First.GetBootIdAsync(Token));
        Assert.True(_bench.First.Capacity is { Cpus: > 0, Memory: > 0, Speed: >= 0 });
        Assert.NotEmpty(_bench.First.Version);
        Assert.NotEqual(_bench.First.MigrationUri, _bench.Second.MigrationUri);
    }

    [Fact]
    public async Task Start_RefusesWhatIsThere()
    {
        await _bench.First.StartAsync(_vm, Token);

        await RefusedAsync(55, 20, "Requested operation is not valid: domain 'i-2-10-VM' is already active", () => _bench.First.StartAsync(_vm, Token));
        await RefusedAsync(
            9, 20, $"operation failed: domain 'i-2-10-VM' already exists with uuid {_vm.Uuid}", () => _bench.First.StartAsync(Vm("i-2-10-VM"), Token));
        await RefusedAsync(
            9, 20, $"operation failed: domain 'i-2-10-VM' is already defined with uuid {_vm.Uuid}", () => _bench.First.StartAsync(_vm with { Name = "i-2-11-VM" }, Token));
        Assert.Single(await _bench.First.ListDomainsAsync(Token));
    }

    [Fact]
    public async Task StartingDomain_HasAJob_OrRuns()
    {
        var start = _bench.First.StartAsync(_vm, Token);
        while (!start.IsCompleted) Assert.True(await FindAsync() is null or { HasJob: true } or { State: DomainState.Running });

        await start;
        Assert.Equal((DomainState.Running, false), (await FindAsync()) is { } domain ? (domain.State, domain.HasJob) : default);
    }

    [Fact]
    public async Task DestroyedDomain_IsGone()
    {
        await _bench.First.StartAsync(_vm, Token);
        await _bench.First.DestroyAsync(_vm.Uuid, Token);

        Assert.Null(await _bench.First.FindDomainAsync(_vm.Uuid, Token));
        Assert.Empty(await _bench.First.ListDomainsAsync(Token));
        await _bench.First.StartAsync(_vm, Token);
    }

    [Fact]
    public async Task DomainThatIsNotThere_IsSaidSo()
    {
        var calls = new Func<Task>[]
        {
            () => _bench.First.DestroyAsync(_vm.Uuid, Token),
            () => _bench.First.ShutdownAsync(_vm.Uuid, Token),
            () => _bench.First.RebootAsync(_vm.Uuid, Token),
            () => _bench.First.DetachDeviceAsync(_vm.Uuid, Nowhere, Token),
            () => _bench.First.AttachDeviceAsync(_vm.Uuid, new PciDeviceTO { Address = Nowhere }, null, Token),
            () => _bench.First.MigrateAsync(_vm.Uuid, _bench.Second.MigrationUri, autoConverge: false, Token),
            () => _bench.First.AbortMigrationAsync(_vm.Uuid, Token),
        };
        foreach (var call in calls) await RefusedAsync(42, 10, $"Domain not found: no domain with matching uuid '{_vm.Uuid}'", call);
        Assert.Null(await _bench.First.FindMigrationAsync(_vm.Uuid, Token));
    }

    [Fact]
    public async Task DeafGuest_IsAskedInVain()
    {
        _bench.MakeDeaf();
        await _bench.First.StartAsync(_vm, Token);
        await _bench.First.ShutdownAsync(_vm.Uuid, Token);

        Assert.Equal(DomainState.Running, (await FindAsync())!.State);
    }

    [Fact]
    public async Task PausedGuest_CannotBeAsked()
    {
        await _bench.First.StartAsync(_vm, Token);
        await _bench.PauseAsync(_vm.Uuid);

        await RefusedAsync(55, 10, "Requested operation is not valid: domain is not running", () => _bench.First.ShutdownAsync(_vm.Uuid, Token));
        await _bench.First.RebootAsync(_vm.Uuid, Token);
        Assert.Equal((DomainState.Paused, false), (await FindAsync()) is { } domain ? (domain.State, domain.HasJob) : default);
    }

    [Fact]
    public async Task RebootedDomain_IsTheSame()
    {
        await _bench.First.StartAsync(_vm, Token);
        await _bench.First.RebootAsync(_vm.Uuid, Token);

        Assert.Equal((DomainState.Running, false), (await FindAsync()) is { } domain ? (domain.State, domain.HasJob) : default);
    }

    [Fact]
    public async Task WhatHappensUnasked_IsTold_AndSeen()
    {
        await _bench.First.StartAsync(_vm, Token);
        var told = 0;
        _bench.First.Changed += () => Interlocked.Increment(ref told);
        await TellsAsync(() => told, () => _bench.PauseAsync(_vm.Uuid));
        Assert.Equal((DomainState.Paused, DomainStatus.Paused, false), (await FindAsync()) is { } paused ? (paused.State, paused.Status, paused.Incoming) : default);

        await _bench.ResumeAsync(_vm.Uuid);
        await UntilAsync(async () => await FindAsync() is { State: DomainState.Running });
        await TellsAsync(() => told, () => _bench.PowerOffAsync(_vm.Uuid));
        Assert.Null(await FindAsync());
    }

    [Fact]
    public async Task HypervisorThatIsNotThere_IsSaidSo_AndFoundAgain()
    {
        await _bench.First.StartAsync(_vm, Token);
        await _bench.TakeAwayAsync();
        // A call that was under way is refused in other words.
        Exception? last = null;
        await Patience.UntilAsync(
            async () => (last = await Record.ExceptionAsync(FindAsync)) is HypervisorException e
                && e.Message.StartsWith(_bench.NobodyThere, StringComparison.Ordinal),
            TimeSpan.FromSeconds(10), () => $"{last}", Token);
        var calls = new Func<Task>[]
        {
            () => _bench.First.ListDomainsAsync(Token),
            () => _bench.First.StartAsync(Vm("i-2-11-VM"), Token),
            () => _bench.First.DestroyAsync(_vm.Uuid, Token),
            () => _bench.First.DetachDeviceAsync(_vm.Uuid, Nowhere, Token),
            () => _bench.First.MigrateAsync(_vm.Uuid, _bench.Second.MigrationUri, autoConverge: false, Token),
            () => _bench.First.AbortMigrationAsync(_vm.Uuid, Token),
        };
        foreach (var call in calls) await RefusedAsync(38, HypervisorException.RpcDomain, _bench.NobodyThere, call);

        await _bench.BringBackAsync();
        await UntilAsync(async () => await Record.ExceptionAsync(FindAsync) is null);
        Assert.True(Assert.Single(await _bench.First.ListDomainsAsync(Token)) is { State: DomainState.Running, HasJob: false });
    }

    [Fact]
    public async Task Devices_ThatAreNotThere_AreSaidSo()
    {
        await _bench.First.StartAsync(_vm, Token);

        await RefusedAsync(99, 10, $"device not found: host pci device {Nowhere} not found", () => _bench.First.DetachDeviceAsync(_vm.Uuid, Nowhere, Token));
        await RefusedAsync(53, 22, "Node device not found: no node device with matching name 'pci_0000_ff_1f_7'", () => _bench.FirstDevices.ResetPciDeviceAsync(Nowhere, Token));
        await Assert.ThrowsAsync<HypervisorException>(() => _bench.First.AttachDeviceAsync(_vm.Uuid, new PciDeviceTO { Address = Nowhere }, null, Token));
        await Assert.ThrowsAsync<HypervisorException>(
            () => _bench.First.StartAsync(Vm("i-2-11-VM") with { PciDevices = [new PciDeviceTO { Address = Nowhere }] }, Token));
        var twice = Vm("i-2-11-VM") with { PciDevices = [new PciDeviceTO { Id = 1, Address = Nowhere }, new PciDeviceTO { Id = 2, Address = Nowhere }] };
        await RefusedAsync(27, 20, "XML error: Hostdev already exists in the domain configuration", () => _bench.First.StartAsync(twice, Token));
        Assert.Null(await _bench.FirstDevices.FindPciDeviceAsync(Nowhere, Token));
        Assert.Empty(Assert.Single(await _bench.First.ListDomainsAsync(Token)).PciDevices);
    }

    private Task<Domain?> FindAsync() => _bench.First.FindDomainAsync(_vm.Uuid, Token);

    private static VirtualMachineTO Vm(string name) => new() { Name = name, Uuid = Guid.NewGuid(), Cpus = 1, MaxRam = 256 << 20 };

    private static async Task RefusedAsync(int code, int domain, string text, Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<HypervisorException>(call);
        Assert.Equal((code, domain, text), (refusal.Code, refusal.Domain, refusal.Message.Contains(text, StringComparison.Ordinal) ? text : refusal.Message));
    }

    private static async Task TellsAsync(Func<int> told, Func<Task> happening)
    {
        var before = told();
        await happening();
        await UntilAsync(() => Task.FromResult(told() > before));
    }

    private static Task UntilAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Patience.UntilAsync(condition, TimeSpan.FromSeconds(10), () => "it is not so", Token, what);

    public sealed class OnSimulator : HypervisorContractTests
    {
        private protected override Task<HypervisorBench> OpenAsync(CancellationToken cancellationToken) => SimulatedBench.OpenAsync(cancellationToken);
    }

    /// <summary>Two real libvirtds on this machine, with domains in software.</summary>
    [OutOfProcess]
    [OnlyInAll("two hosts of libvirt, a minute")]
    [Collection(LibvirtLibrary.Collection)]
    public sealed class OnLibvirt(LibvirtHosts hosts) : HypervisorContractTests, IClassFixture<LibvirtHosts>
    {
        private protected override async Task<HypervisorBench> OpenAsync(CancellationToken cancellationToken)
        {
            LibvirtHosts.Require();
            return await LibvirtBench.OpenAsync(hosts, cancellationToken);
        }
    }

    /// <summary>Two emulated hosts, with KVM and VFIO.</summary>
    [OutOfProcess]
    [OnlyInAll("emulated hosts")]
    [Collection(LabFixture.Name)]
    public sealed class InTheLab(LabFixture lab) : HypervisorContractTests
    {
        private protected override async Task<HypervisorBench> OpenAsync(CancellationToken cancellationToken)
        {
            LabFixture.Require();
            await lab.EndAllAsync(cancellationToken);
            return await LabBench.OpenAsync(lab, cancellationToken);
        }
    }
}
