using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Agent.Commands;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Agent.Pci;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>What the contract of hypervisors says, as far as libvirt's test driver goes.</summary>
[Collection(LibvirtLibrary.Collection)]
public sealed class LibvirtHypervisorTests : IAsyncLifetime
{
    private const string Nobody = "qemu+unix:///system?socket=/nowhere/libvirt-sock&mode=legacy";

    private readonly VirtualMachineTO _vm;
    private readonly LibvirtHypervisor _hypervisor = new(
        new LibvirtProperties { Uri = LibvirtLibrary.TestDriver, DomainType = "test" }, new MachineIdentity(),
        LibvirtLibrary.NoProcesses, TimeProvider.System,
        NullLogger<LibvirtHypervisor>.Instance);

    public LibvirtHypervisorTests()
    {
        var uuid = Guid.NewGuid();
        _vm = new VirtualMachineTO { Name = $"vm-{uuid:N}", Uuid = uuid, Cpus = 1, MaxRam = 64 << 20, StartedBy = 17 };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        LibvirtLibrary.Require();
        await _hypervisor.OpenAsync(Token);
    }

    public ValueTask DisposeAsync() => _hypervisor.DisposeAsync();

    [Fact]
    public async Task StartedDomain_Runs_AndIsFound()
    {
        await _hypervisor.StartAsync(_vm, Token);

        var domain = await FindAsync();
        Assert.Equal((_vm.Uuid, _vm.Name, DomainState.Running), (domain!.Uuid, domain.Name, domain.State));
        Assert.Equal((DomainStatus.Running, false, 17L), (domain.Status, domain.HasJob, domain.StartedBy));
        Assert.Empty(domain.PciDevices);
        Assert.Equivalent(domain, (await _hypervisor.ListDomainsAsync(Token)).Single(listed => listed.Uuid == _vm.Uuid), strict: true);
        Assert.Null(await _hypervisor.FindDomainAsync(Guid.NewGuid(), Token));
        Assert.StartsWith("libvirt ", _hypervisor.Version, StringComparison.Ordinal);
        Assert.Equal(new HostCapacity(16, 1400, 3L << 30), _hypervisor.Capacity);
        Assert.Null(await _hypervisor.FindMigrationAsync(_vm.Uuid, Token));
    }

    [Fact]
    public async Task Start_RefusesWhatIsThere()
    {
        await _hypervisor.StartAsync(_vm, Token);

        await RefusedAsync(55, 20, $"Requested operation is not valid: domain '{_vm.Name}' is already active",
            () => _hypervisor.StartAsync(_vm, Token));
        await RefusedAsync(9, 20, $"operation failed: domain '{_vm.Name}' already exists with uuid {_vm.Uuid}",
            () => _hypervisor.StartAsync(_vm with { Uuid = Guid.NewGuid() }, Token));
    }

    [Fact]
    public async Task Domain_Reboots_AndEnds()
    {
        await _hypervisor.StartAsync(_vm, Token);
        await _hypervisor.RebootAsync(_vm.Uuid, Token);
        Assert.Equal(DomainState.Running, (await FindAsync())!.State);
        await _hypervisor.DestroyAsync(_vm.Uuid, Token);
        Assert.Null(await FindAsync());
        await _hypervisor.StartAsync(_vm, Token);
        await _hypervisor.ShutdownAsync(_vm.Uuid, Token);
        Assert.Null(await FindAsync());
    }

    [Fact]
    public async Task DomainThatIsNotThere_IsSaidSo()
    {
        Func<Guid, CancellationToken, Task>[] calls = [_hypervisor.DestroyAsync, _hypervisor.ShutdownAsync, _hypervisor.RebootAsync];
        foreach (var call in calls)
        {
            var refusal = await Assert.ThrowsAsync<HypervisorException>(() => call(_vm.Uuid, Token));
            Assert.Equal((42, false), (refusal.Code, refusal.OutcomeUnknown));
        }
    }

    [Fact]
    public async Task WhatHappensUnasked_IsTold_AndSeen()
    {
        await _hypervisor.StartAsync(_vm, Token);
        await using var other = await LibvirtConnection.OpenAsync(LibvirtLibrary.TestDriver, TimeProvider.System, Token);
        var told = 0;
        _hypervisor.Changed += () => Interlocked.Increment(ref told);
        await other.SuspendAsync(_vm.Uuid, Token);

        await Patience.UntilAsync(() => told > 0, TimeSpan.FromSeconds(5), () => "nothing was told", Token);
        Assert.Equal(DomainStatus.Paused, (await FindAsync())!.Status);
    }

    /// <summary>Only an operator can end it, who learns of it by the alert that a warning of the report becomes.</summary>
    [Fact]
    public async Task ProcessThatLibvirtDoesNotShow_IsReported_WithAWarning()
    {
        using var tree = new PciTree();
        tree.Put("../proc/4711/cmdline", $"qemu\0-name\0guest={_vm.Name}\0-uuid\0{_vm.Uuid}\0");
        tree.Put("agent.properties", "guid=kvm1\nhypervisor.type=kvm\npci.devices=\n");
        await using var hypervisor = await OpenAsync(new LibvirtProperties(), new QemuProcesses(tree.Proc, tree.Bus));
        var inventory = new SysfsPciInventory(tree.Sysfs, () => HostUses.None, hypervisor.ListDomainsAsync, TimeProvider.System);
        using var journal = new CommandJournal(tree.Sysfs.FullPath("journal.jsonl"), sync: false, TimeProvider.System);
        var configured = new ConfiguredDevices(
            AgentPropertiesFile.Open(tree.Sysfs.FullPath("agent.properties"), TimeProvider.System), inventory);
        var reporter = new HostReporter(
            hypervisor, inventory, configured, journal, new AgentSession("kvm1"), NullLogger<HostReporter>.Instance);

        var report = await reporter.LookAsync(Token);

        Assert.StartsWith(
            $"{_vm.Name}: process 4711 runs the domain, and libvirt does not show it: ", Assert.Single(report.Warnings), StringComparison.Ordinal);
        Assert.Equal(PowerState.PowerUnknown, report.VirtualMachines!.Single(vm => vm.Uuid == _vm.Uuid).State);
    }

    [Fact]
    public async Task NetworkThatIsNotThere_IsSaidBeforeAnythingIsTouched()
    {
        await using var inventory = await LibvirtConnection.OpenAsync(LibvirtLibrary.TestDriver, TimeProvider.System, Token);
        foreach (var (network, problem) in new[]
        {
            ("network:absent", "libvirt has no network absent"), ("bridge:absent", "this host has no bridge absent"),
        })
        {
            await using var hypervisor = await OpenAsync(new LibvirtProperties { Network = LibvirtNetwork.Parse(network) });
            var (devices, problems) = (new NodeDevices(inventory), new[] { $"libvirt.network={network}: {problem}" });
            Assert.Equal(problems, await hypervisor.ListProblemsAsync(Token));

            var addresses = new AddressCheck(hypervisor, devices);
            var started = await new StartExecutor(hypervisor, addresses).ExecuteAsync(new StartCommand { Vm = _vm, VmUuid = _vm.Uuid }, Token);
            Assert.Equal((false, $"not begun: {problems[0]}", true), (started.Result, started.Details, started.NotBegun));
            var prepared = await new PrepareForMigrationExecutor(hypervisor, addresses, new DeviceCleaner(hypervisor, devices))
                .ExecuteAsync(new PrepareForMigrationCommand { Vm = _vm, VmUuid = _vm.Uuid }, Token);
            Assert.Equal((false, started.Details, true), (prepared.Result, prepared.Details, prepared.NotBegun));
            Assert.Null(await FindAsync());
        }

        await using var good = await OpenAsync(new LibvirtProperties { Network = LibvirtNetwork.Parse("network:default") });
        Assert.Empty(await good.ListProblemsAsync(Token));
        Assert.Null(await good.ObjectionToRunAsync(_vm, Token));
    }

    [Fact]
    public async Task DiskThatANewVmWouldGet_MustBeThere_WhenTheVmMigrates()
    {
        var root = Directory.CreateTempSubdirectory("pcibus-disks-").FullName;
        foreach (var folder in (string[])["disks", "templates/raw"]) Directory.CreateDirectory(Path.Combine(root, folder));
        await File.WriteAllTextAsync(Path.Combine(root, "templates/raw/disk.raw"), "disk", Token);
        await using var inventory = await LibvirtConnection.OpenAsync(LibvirtLibrary.TestDriver, TimeProvider.System, Token);
        await using var hypervisor = await OpenAsync(new LibvirtProperties { DiskFolder = $"{root}/disks", TemplateFolder = $"{root}/templates" });
        var (vm, devices) = (_vm with { Template = $"file://{root}/templates/raw", NeverRan = true }, new NodeDevices(inventory));
        Assert.Null(await hypervisor.ObjectionToRunAsync(vm, Token));

        var prepared = await new PrepareForMigrationExecutor(hypervisor, new AddressCheck(hypervisor, devices), new DeviceCleaner(hypervisor, devices))
            .ExecuteAsync(new PrepareForMigrationCommand { Vm = vm, VmUuid = vm.Uuid }, Token);
        Assert.Equal((false, true), (prepared.Result, prepared.NotBegun));
        Assert.EndsWith($"it looked for {root}/disks/{vm.Uuid}.qcow2", prepared.Details, StringComparison.Ordinal);
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task HostThatCannotBeUsed_IsSaidSo()
    {
        await using var nobody = new LibvirtHypervisor(new LibvirtProperties { Uri = Nobody }, new MachineIdentity(),
        LibvirtLibrary.NoProcesses, TimeProvider.System,
        NullLogger<LibvirtHypervisor>.Instance);

        var refusal = await Assert.ThrowsAsync<IOException>(() => nobody.OpenAsync(Token));
        Assert.Contains("/nowhere/libvirt-sock", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<LibvirtHypervisor> OpenAsync(LibvirtProperties settings, QemuProcesses? processes = null)
    {
        var hypervisor = new LibvirtHypervisor(
            settings with { Uri = LibvirtLibrary.TestDriver, DomainType = "test" }, new MachineIdentity(), processes ?? LibvirtLibrary.NoProcesses, TimeProvider.System, NullLogger<LibvirtHypervisor>.Instance);
        await hypervisor.OpenAsync(Token);
        return hypervisor;
    }

    private Task<Domain?> FindAsync() => _hypervisor.FindDomainAsync(_vm.Uuid, Token);

    private static async Task RefusedAsync(int code, int domain, string text, Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<HypervisorException>(call);
        Assert.Equal((code, domain, text), (refusal.Code, refusal.Domain, refusal.Message));
    }
}
