using System.Collections.Concurrent;
using System.Diagnostics;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor;

/// <summary>What only libvirt does to the agent: it is killed, it hangs, and says things by the aliases of devices.</summary>
[Collection(LibvirtHosts.Collection)]
public sealed class LibvirtHypervisorTests : IAsyncLifetime
{
    private readonly VirtualMachineTO _vm = new() { Name = "i-2-20-VM", Uuid = Guid.NewGuid(), Cpus = 1, MaxRam = 64 << 20 };
    private HypervisorBench _bench = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(LibvirtHosts.Missing is not null, LibvirtHosts.Missing ?? "");
        _bench = await LibvirtBench.OpenAsync(Token);
        await _bench.First.StartAsync(_vm, Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_bench is not null) await _bench.DisposeAsync();
    }

    [Fact]
    public void Version_IsToldInFull() => Assert.Matches(@"^libvirt \d+\.\d+\.\d+, QEMU \d+\.\d+\.\d+$", _bench.First.Version);

    [Fact]
    public async Task KilledLibvirtd_ComesBack_AndItsDomainsWereThereAllTheTime()
    {
        var told = 0;
        _bench.First.Changed += () => Interlocked.Increment(ref told);
        LibvirtHosts.First.Signal("KILL");

        // The agent opens the connection again by itself, and says that one should look.
        await UntilAsync(() => Volatile.Read(ref told) > 1);
        await UntilAsync(async () => await TryFindAsync() is { State: DomainState.Running });
        var before = Volatile.Read(ref told);
        LibvirtHosts.First.Virsh("suspend", $"{_vm.Uuid}");
        await UntilAsync(() => Volatile.Read(ref told) > before);
        Assert.Equal(DomainState.Paused, (await _bench.First.FindDomainAsync(_vm.Uuid, Token))!.State);
    }

    [Fact]
    public async Task LibvirtdThatHangs_IsGivenUp_AndItsOutcomeIsUnknown()
    {
        LibvirtHosts.First.Signal("STOP");
        try
        {
            var trouble = await Assert.ThrowsAsync<HypervisorException>(() => _bench.First.FindDomainAsync(_vm.Uuid, Token));
            Assert.True(trouble.OutcomeUnknown, trouble.Message);
        }
        finally
        {
            LibvirtHosts.First.Signal("CONT");
        }

        await UntilAsync(async () => await TryFindAsync() is { State: DomainState.Running });
    }

    [Fact]
    public async Task DevicesThatLeave_AreToldByTheirAlias_LateAndUnasked()
    {
        var events = new ConcurrentQueue<DeviceEvent>();
        _bench.First.DeviceChanged += events.Enqueue;
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file, "<rng model='virtio'><backend model='random'>/dev/urandom</backend><alias name='ua-pci-17-3-0000_28_00_1'/></rng>", Token);
        LibvirtHosts.First.Virsh("attach-device", $"{_vm.Uuid}", file, "--live");
        File.Delete(file);
        LibvirtHosts.First.Virsh("detach-device-alias", $"{_vm.Uuid}", "ua-pci-17-3-0000_28_00_1", "--live");
        Assert.Empty(events);

        // Nobody is in to let go of it; the reset does.
        await _bench.First.RebootAsync(_vm.Uuid, Token);
        await UntilAsync(() => !events.IsEmpty);
        Assert.Equal([new DeviceEvent(_vm.Uuid, PciAddress.Parse("28:00.1"), Removed: true)], events);
    }

    [Fact]
    public async Task ManyCallsAtOnce_AreAnsweredAll()
    {
        var domains = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _bench.First.FindDomainAsync(_vm.Uuid, Token)));

        Assert.All(domains, domain => Assert.Equal(DomainState.Running, domain!.State));
    }

    /// <summary>Its template does not come: whoever gave up waiting must not read that the VM is off, while it could yet begin.</summary>
    [Fact]
    public async Task StartGivenUp_IsNotOff_UntilItHasComeBack()
    {
        var folder = Directory.CreateTempSubdirectory("pcibus-templates-").FullName;
        var template = Path.Combine(folder, "slow.img");
        using (var mkfifo = Process.Start("mkfifo", [template])) await mkfifo.WaitForExitAsync(Token);
        using var hypervisor = LibvirtBench.Make(LibvirtHosts.First, $"kvm.templates={folder}\nkvm.disks={folder}");
        await hypervisor.OpenAsync(Token);
        var vm = _vm with { Name = "i-2-21-VM", Uuid = Guid.NewGuid(), Template = "http://images.example/slow.img" };
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var start = hypervisor.StartAsync(vm, giveUp.Token);
        var trouble = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.FindDomainAsync(vm.Uuid, Token));
        Assert.Contains($"an earlier call for domain {vm.Uuid} is still under way", trouble.Message, StringComparison.Ordinal);

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.True((await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.FindDomainAsync(vm.Uuid, Token))).OutcomeUnknown);
        // Whoever waits for its first byte gets one, and finds that nobody wants it.
        await using (var writer = new FileStream(template, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) writer.WriteByte(0);
        await UntilAsync(async () => await IsOffAsync(hypervisor, vm.Uuid));
        Assert.Single(await hypervisor.ListDomainsAsync(Token));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task ClosedConnection_IsARefusal()
    {
        using var connection = new LibvirtConnection(LibvirtHosts.First.Uri, TimeProvider.System);
        Assert.NotEmpty(await connection.CallAsync("the version", TimeSpan.FromSeconds(45), null, (handle, _) => LibvirtConnection.VersionOf(handle), Token));
        connection.Dispose();

        var trouble = await Assert.ThrowsAsync<HypervisorException>(
            () => connection.CallAsync("the version", TimeSpan.FromSeconds(45), null, (handle, _) => LibvirtConnection.VersionOf(handle), Token));
        Assert.Equal((true, "internal error: client socket is closed"), (trouble.OutcomeUnknown, trouble.Message));
    }

    private static async Task<bool> IsOffAsync(LibvirtHypervisor hypervisor, Guid uuid)
    {
        try
        {
            return await hypervisor.FindDomainAsync(uuid, Token) is null;
        }
        catch (HypervisorException)
        {
            return false;
        }
    }

    private async Task<Domain?> TryFindAsync()
    {
        try
        {
            return await _bench.First.FindDomainAsync(_vm.Uuid, Token);
        }
        catch (HypervisorException)
        {
            return null;
        }
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var began = Stopwatch.StartNew(); !await condition();)
        {
            Assert.True(began.Elapsed < TimeSpan.FromSeconds(60), "did not come true");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }
}
