using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>A real libvirtd that is killed, restarted, or stopped: its domains go on, and the agent's hypervisor finds them again.</summary>
[OutOfProcess]
[OnlyInAll("two hosts of libvirt, 40 s")]
[Collection(LibvirtLibrary.Collection)]
public sealed class LibvirtdTests(LibvirtHosts hosts) : IClassFixture<LibvirtHosts>, IAsyncLifetime
{
    private static readonly PciDeviceTO Device = HypervisorBench.Stand(1);

    private readonly VirtualMachineTO _vm = new() { Name = "i-2-10-VM", Uuid = Guid.NewGuid(), Cpus = 1, MaxRam = 64 << 20, StartedBy = 17 };
    private LibvirtBench _bench = null!;
    private int _told;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        LibvirtHosts.Require();
        _bench = await LibvirtBench.OpenAsync(hosts, Token);
        _bench.First.Changed += () => Interlocked.Increment(ref _told);
    }

    public async ValueTask DisposeAsync()
    {
        if (_bench is not null) await _bench.DisposeAsync();
    }

    [Fact]
    public async Task Host_SaysWhatItHas()
    {
        Assert.StartsWith("libvirt ", _bench.First.Version, StringComparison.Ordinal);
        Assert.Equal(Environment.ProcessorCount, _bench.First.Capacity.Cpus);
        Assert.NotEmpty(await _bench.First.GetMachineIdAsync(Token));
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), await _bench.First.GetBootIdAsync(Token));
    }

    [Fact]
    public async Task EventsOfDevices_AreLibvirtsOwn()
    {
        await _bench.First.StartAsync(_vm, Token);
        await _bench.AttachAsync(_vm.Uuid, Device, Token);
        await _bench.DetachAsync(_vm.Uuid, Device, Token);
        await _bench.ResetAsync(_vm.Uuid);
        await UntilAsync(() => Task.FromResult(_bench.Told.OfType<LibvirtEvent.DeviceRemoved>().Any()));

        LibvirtEvent[] devices = [new LibvirtEvent.DeviceAdded(_vm.Uuid, "ua-pci-1-1"), new LibvirtEvent.DeviceRemoved(_vm.Uuid, "ua-pci-1-1")];
        Assert.Equal(devices, _bench.Told.Where(happened => happened is LibvirtEvent.DeviceAdded or LibvirtEvent.DeviceRemoved));
        Assert.Equal(17, (await _bench.First.FindDomainAsync(_vm.Uuid, Token))!.StartedBy);
    }

    [Fact]
    public async Task DeviceThatNobodyKnows_IsToldAsAChange()
    {
        await _bench.First.StartAsync(_vm, Token);
        var device = LibvirtBench.Emulated(Device).ToString();
        await hosts.First.ByHandAsync(connection => connection.AttachDeviceAsync(_vm.Uuid, device, LibvirtDeviceTarget.Live, Token), Token);
        await hosts.First.ByHandAsync(connection => connection.AskToDetachAsync(_vm.Uuid, "ua-pci-1-1", Token), Token);
        var before = _told;
        await hosts.First.ByHandAsync(connection => connection.ResetAsync(_vm.Uuid, Token), Token);

        await UntilAsync(() => Task.FromResult(_told > before));
    }

    [Fact]
    public async Task LibvirtdThatIsKilled_RefusesCalls_AndIsFoundAgain()
    {
        await _bench.First.StartAsync(_vm, Token);
        hosts.First.KillLibvirtd();
        HypervisorException? refusal = null;
        await UntilAsync(async () => (refusal = await Record.ExceptionAsync(FindAsync) as HypervisorException) is { WasNotAsked: true });
        Assert.Equal((38, HypervisorException.RpcDomain, false), (refusal!.Code, refusal.Domain, refusal.OutcomeUnknown));
        Assert.True((await Assert.ThrowsAsync<HypervisorException>(() => _bench.First.DestroyAsync(_vm.Uuid, Token))).WasNotAsked);

        var before = _told;
        hosts.First.StartLibvirtd();
        await UntilAsync(() => Task.FromResult(_told > before));
        Assert.Equal(DomainState.Running, (await FindAsync())!.State);
        before = _told;
        await hosts.First.ByHandAsync(connection => connection.SuspendAsync(_vm.Uuid, Token), Token);
        await UntilAsync(() => Task.FromResult(_told > before));
    }

    [Fact]
    public async Task LibvirtdThatIsKilledInMidDetach_StillTellsWhenTheDeviceIsGone()
    {
        var told = new List<DeviceEvent>();
        _bench.First.DeviceChanged += told.Add;
        await _bench.First.StartAsync(_vm, Token);
        await _bench.AttachAsync(_vm.Uuid, Device, Token);
        await hosts.First.ByHandAsync(connection => connection.AskToDetachAsync(_vm.Uuid, "ua-pci-1-1", Token), Token);
        var detach = _bench.DetachAsync(_vm.Uuid, Device, Token);
        var before = _told;
        hosts.First.KillLibvirtd();
        if (await Record.ExceptionAsync(() => detach) is { } e) Assert.Equal(HypervisorException.RpcDomain, Assert.IsType<HypervisorException>(e).Domain);
        hosts.First.StartLibvirtd();
        await UntilAsync(() => Task.FromResult(_told > before));

        Assert.Empty(told);
        await hosts.First.ByHandAsync(connection => connection.ResetAsync(_vm.Uuid, Token), Token);
        await UntilAsync(() => Task.FromResult(told.Count > 0));
        Assert.Equal(new DeviceEvent(_vm.Uuid, Device.Address, Removed: true), Assert.Single(told));
    }

    [Theory]
    [InlineData("start", false)]
    [InlineData("started", true)]
    public async Task LibvirtdThatIsKilledInMidStart_LeavesTheOutcomeUnknown(string phase, bool isThere)
    {
        hosts.First.Hold(phase);
        try
        {
            var start = _bench.First.StartAsync(_vm, Token);
            await UntilAsync(() => Task.FromResult(hosts.First.IsHolding));
            hosts.First.KillLibvirtd();
            var refusal = await Assert.ThrowsAsync<HypervisorException>(() => start);
            Assert.Equal((HypervisorException.RpcDomain, true), (refusal.Domain, refusal.OutcomeUnknown));
        }
        finally
        {
            hosts.First.LetGo();
        }

        var before = _told;
        hosts.First.StartLibvirtd();
        await UntilAsync(() => Task.FromResult(_told > before));
        Assert.Equal(isThere, await FindAsync() is { State: DomainState.Running, HasJob: false });
    }

    [Fact]
    public async Task CreateThatLibvirtdKeepsForLater_LeavesTheDomainUnknown()
    {
        var clock = new FakeTimeProvider();
        await using var hypervisor = LibvirtBench.Make(hosts.First, clock);
        await hypervisor.OpenAsync(Token);
        var before = _vm with { Uuid = Guid.NewGuid(), Name = "i-2-11-VM" };
        Task first;
        HypervisorException? refusal = null;
        await hosts.First.LimitWorkersAsync(Token);
        hosts.First.Hold("start");
        try
        {
            first = _bench.First.StartAsync(before, Token);
            await UntilAsync(() => Task.FromResult(hosts.First.IsHolding));
            Assert.Null(await hypervisor.FindDomainAsync(_vm.Uuid, Token));
            var start = hypervisor.StartAsync(_vm, Token);
            await hosts.First.QueuesAsync(1, Token);
            clock.Advance(LibvirtDeadlines.Change);
            Assert.True((await Assert.ThrowsAsync<HypervisorException>(() => start)).OutcomeUnknown);

            refusal = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.FindDomainAsync(_vm.Uuid, Token));
            Assert.Null(await _bench.First.FindDomainAsync(_vm.Uuid, Token));
        }
        finally
        {
            hosts.First.LetGo();
            hosts.First.FreeWorkers();
        }

        Assert.Contains("libvirt has not answered an earlier call", refusal.Message, StringComparison.Ordinal);
        await first;
        await UntilAsync(async () => await hypervisor.FindDomainAsync(_vm.Uuid, Token) is { State: DomainState.Running, HasJob: false });
    }

    [Fact]
    public async Task AgentThatStarts_WaitsForWhatAnEarlierAgentAskedFor()
    {
        var before = _vm with { Uuid = Guid.NewGuid(), Name = "i-2-11-VM" };
        Task first;
        await hosts.First.LimitWorkersAsync(Token);
        hosts.First.Hold("start");
        Task opening;
        await using var next = LibvirtBench.Make(hosts.First);
        await using (var earlier = LibvirtBench.Make(hosts.First))
        {
            await earlier.OpenAsync(Token).WaitAsync(Patience.Times(TimeSpan.FromSeconds(10)), Token);
            try
            {
                first = earlier.StartAsync(before, Token);
                await UntilAsync(() => Task.FromResult(hosts.First.IsHolding));
                using var dying = new CancellationTokenSource();
                var start = earlier.StartAsync(_vm, dying.Token);
                await hosts.First.QueuesAsync(1, Token);
                await dying.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);

                opening = next.OpenAsync(Token);
                await hosts.First.QueuesAsync(2, Token);
                Assert.False(opening.IsCompleted);
            }
            finally
            {
                hosts.First.LetGo();
                hosts.First.FreeWorkers();
            }

            await opening;
            Assert.NotNull(await next.FindDomainAsync(_vm.Uuid, Token));
            await first;
        }
    }

    [Fact]
    public async Task LibvirtdThatLostItsState_DoesNotMakeADomainOff()
    {
        await _bench.First.StartAsync(_vm, Token);
        hosts.First.KillLibvirtd();
        hosts.First.LoseState();
        var told = _told;
        hosts.First.StartLibvirtd();
        await UntilAsync(() => Task.FromResult(_told > told));
        try
        {
            await hosts.First.ByHandAsync(async connection => Assert.Null(await connection.FindDomainAsync(_vm.Uuid, Token)), Token);
            var domain = await FindAsync();
            Assert.Equal((_vm.Uuid, _vm.Name, true), (domain!.Uuid, domain.Name, domain.HasJob));
            Assert.Contains("libvirt does not show it", domain.Trouble, StringComparison.Ordinal);
            Assert.Equivalent(domain, Assert.Single(await _bench.First.ListDomainsAsync(Token)), strict: true);
            Assert.Contains("libvirt does not show it",
                (await Assert.ThrowsAsync<HypervisorException>(() => _bench.First.StartAsync(_vm, Token))).Message, StringComparison.Ordinal);
        }
        finally
        {
            hosts.First.KillDomains();
        }

        await UntilAsync(async () => await FindAsync() is null);
    }

    [Fact]
    public async Task LibvirtdThatHangs_IsNotWaitedForForever_AndHeals()
    {
        var clock = new FakeTimeProvider();
        await using var hypervisor = LibvirtBench.Make(hosts.First, clock);
        await hypervisor.OpenAsync(Token);
        var told = 0;
        hypervisor.Changed += () => Interlocked.Increment(ref told);
        hosts.First.StopLibvirtd();
        try
        {
            var look = hypervisor.ListDomainsAsync(Token);
            await UntilAsync(() => Task.FromResult(LibvirtLibrary.CountThreads("libvirt call") > 0));
            Assert.False(look.IsCompleted);
            clock.Advance(LibvirtDeadlines.Look);
            Assert.True((await Assert.ThrowsAsync<HypervisorException>(() => look)).OutcomeUnknown);

            // The next one would open another connection, and so would all that follow.
            var opening = hypervisor.ListDomainsAsync(Token);
            clock.Advance(LibvirtDeadlines.Open);
            Assert.True((await Assert.ThrowsAsync<HypervisorException>(() => opening)).WasNotAsked);
            Assert.True((await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.DestroyAsync(_vm.Uuid, Token))).WasNotAsked);
            Assert.Empty(await _bench.Second.ListDomainsAsync(Token));
        }
        finally
        {
            hosts.First.ContinueLibvirtd();
        }

        await UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(told > 0);
        });
        Assert.Empty(await hypervisor.ListDomainsAsync(Token));
    }

    private Task<Domain?> FindAsync() => _bench.First.FindDomainAsync(_vm.Uuid, Token);

    private Task UntilAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Patience.UntilAsync(condition, TimeSpan.FromSeconds(15), () => $"told {_told} times", Token, what);
}
