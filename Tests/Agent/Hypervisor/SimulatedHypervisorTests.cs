using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Agent.Hypervisor;

public sealed class SimulatedHypervisorTests
{
    private readonly VirtualMachineTO _vm = Vm("vm1", AgentRig.First);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_RefusesAsLibvirtDoes()
    {
        await using var rig = await AgentRig.StartAsync();
        await rig.Simulator.StartAsync(_vm, Token);

        await RefusedAsync(55, 0, "Requested operation is not valid: PCI device 0000:28:00.1 is in use by driver QEMU, domain vm1",
            () => rig.Simulator.StartAsync(Vm("vm2", AgentRig.First), Token));
        await RefusedAsync(1, 10, "no such host device", () => rig.Simulator.StartAsync(Vm("vm2", PciAddress.Parse("99:00.0")), Token));
        await RefusedAsync(55, 20, "domain 'vm1' is already active", () => rig.Simulator.StartAsync(_vm, Token));
        await RefusedAsync(9, 20, $"domain 'vm1' already exists with uuid {_vm.Uuid}",
            () => rig.Simulator.StartAsync(Vm("vm1", AgentRig.Second), Token));
        await RefusedAsync(27, 20, "Hostdev already exists",
            () => rig.Simulator.StartAsync(Vm("vm2", AgentRig.Second, AgentRig.Second), Token));
        await RefusedAsync(1, 0, "Not resetting active device 0000:28:00.1",
            () => rig.Simulator.ResetPciDeviceAsync(AgentRig.First, Token));
        Assert.Single(await rig.Simulator.ListDomainsAsync(Token));
    }

    [Fact]
    public async Task EachDevice_IsInAGroupOfItsOwn_AndStaysInIt()
    {
        var folder = Directory.CreateTempSubdirectory("pcibus-groups-").FullName;
        string[] addresses = ["0000:3b:00.0", "8000:3b:00.0", "10000:3b:00.0", "0000:3b:00.1"];
        PciDeviceEntry[] entries = [.. addresses.Select(address => new PciDeviceEntry(PciAddress.Parse(address), "10GE"))];
        var groups = await GroupsAsync(entries);

        Assert.Equal(addresses.Length, groups.Distinct().Count());
        Assert.Equal(groups.AsEnumerable().Reverse(), await GroupsAsync([.. entries.AsEnumerable().Reverse()]));
        Directory.Delete(folder, recursive: true);

        async Task<int?[]> GroupsAsync(PciDeviceEntry[] configured)
        {
            await using var host = new SimulatedHypervisor(
                folder, "kvm1", new(), () => configured, Guid.NewGuid, TimeProvider.System, NullLogger<SimulatedHypervisor>.Instance);
            await host.OpenAsync(Token);
            var found = await Task.WhenAll(configured.Select(entry => host.FindPciDeviceAsync(entry.Address, Token)));
            return [.. found.Select(device => device!.IommuGroup)];
        }
    }

    [Fact]
    public async Task Domains_OutliveTheAgent()
    {
        await using var rig = await AgentRig.StartAsync();
        await rig.Simulator.StartAsync(_vm, Token);
        var before = await rig.Simulator.GetBootIdAsync(Token);
        rig.Node.Kill();
        await rig.StartNodeAsync();

        var domain = Assert.Single(await rig.Simulator.ListDomainsAsync(Token));
        Assert.Equal((_vm.Uuid, "vm1"), (domain.Uuid, domain.Name));
        Assert.Equal([AgentRig.First], domain.PciDevices);
        Assert.Equal(before, await rig.Simulator.GetBootIdAsync(Token));
        await RefusedAsync(55, 0, "in use", () => rig.Simulator.StartAsync(Vm("vm2", AgentRig.First), Token));
    }

    [Fact]
    public async Task Killed_ItWritesNothingAnyMore()
    {
        await using var rig = await AgentRig.StartAsync();
        var dead = rig.Simulator;
        rig.Node.Kill();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dead.StartAsync(_vm, Token));
        Assert.Empty(rig.Attachments);
    }

    [Fact]
    public async Task StartAndDestroy_TakeTheirTime()
    {
        await using var rig = await AgentRig.StartAsync("simulator.start.time=3s", "simulator.stop.time=2s");
        var start = rig.Simulator.StartAsync(_vm, Token);
        await rig.PassAsync(TimeSpan.FromSeconds(2.5));
        Assert.False(start.IsCompleted);
        Assert.True((await rig.Simulator.FindDomainAsync(_vm.Uuid, Token))!.HasJob);
        await rig.UntilAsync(() => start.IsCompleted);
        await start;

        var destroy = rig.Simulator.DestroyAsync(_vm.Uuid, Token);
        await rig.PassAsync(TimeSpan.FromSeconds(1.5));
        Assert.False(destroy.IsCompleted);
        await rig.UntilAsync(() => destroy.IsCompleted);
        await destroy;
        Assert.Null(await rig.Simulator.FindDomainAsync(_vm.Uuid, Token));
    }

    [Fact]
    public async Task RebootHost_EmptiesIt_AndChangesTheBootId()
    {
        await using var rig = await AgentRig.StartAsync();
        await rig.Simulator.StartAsync(_vm, Token);
        var boot = Guid.NewGuid();
        rig.Simulator.RebootHost(boot);

        Assert.Empty(await rig.Simulator.ListDomainsAsync(Token));
        Assert.Equal(boot.ToString(), await rig.Simulator.GetBootIdAsync(Token));
        Assert.Equal(["start", "attach", "end", "detach"], rig.Attachments.Select(line => line.Event));
    }

    [Fact]
    public async Task Attachments_AreMended_AfterACrashBetweenFileAndLine()
    {
        await using var rig = await AgentRig.StartAsync();
        await rig.Simulator.StartAsync(_vm, Token);
        rig.Node.Kill();
        var log = Path.Combine(rig.DataFolder, "simulator", "attachments.log");
        File.WriteAllText(log, File.ReadAllText(log)[..^10]);
        await rig.StartNodeAsync();
        await rig.Simulator.DestroyAsync(_vm.Uuid, Token);

        Assert.Contains(rig.Attachments, line => line.Event == Attachment.Attach && line.Device == AgentRig.First);
        Assert.Equal(["end", "detach"], rig.Attachments.TakeLast(2).Select(line => line.Event));
    }

    [Fact]
    public async Task Faults_FailSoManyStarts()
    {
        await using var rig = await AgentRig.StartAsync();
        rig.Simulator.Faults = new FaultPlan { FailStarts = 1, FailText = "internal error: no" };

        await RefusedAsync(1, 10, "internal error: no", () => rig.Simulator.StartAsync(_vm, Token));
        await rig.Simulator.StartAsync(_vm, Token);
    }

    [Fact]
    public async Task Faults_MakeADeviceVanish()
    {
        await using var rig = await AgentRig.StartAsync();
        rig.Simulator.Faults = new FaultPlan { Vanished = [AgentRig.First] };

        Assert.Null(await rig.Simulator.FindPciDeviceAsync(AgentRig.First, Token));
        await RefusedAsync(1, 10, "no such host device", () => rig.Simulator.StartAsync(_vm, Token));
        await RefusedAsync(53, 22, "'pci_0000_28_00_1'", () => rig.Simulator.ResetPciDeviceAsync(AgentRig.First, Token));
    }

    [Fact]
    public async Task Control_ActsOnTheHost()
    {
        var port = FreePort.Next();
        await using var rig = await AgentRig.StartAsync($"simulator.control.port={port}");
        await rig.Simulator.StartAsync(_vm, Token);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        var domains = await http.GetStringAsync(new Uri("/domains", UriKind.Relative), Token);
        Assert.Contains(_vm.Uuid.ToString(), domains, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(http, $"/domains/{_vm.Uuid}/poweroff")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(http, $"/domains/{_vm.Uuid}/poweroff")).StatusCode);
        using var faults = await http.PostAsJsonAsync(
            new Uri("/faults", UriKind.Relative), new { failStarts = 2, notClean = new[] { "28:00.1" } }, Token);
        Assert.True(faults.IsSuccessStatusCode);
        Assert.Equal((2, AgentRig.First), (rig.Simulator.Faults.FailStarts, rig.Simulator.Faults.NotClean[0]));
        await http.DeleteAsync(new Uri("/faults", UriKind.Relative), Token);
        Assert.Equal(0, rig.Simulator.Faults.FailStarts);
        var before = await rig.Simulator.GetBootIdAsync(Token);
        await PostAsync(http, "/reboot");
        Assert.NotEqual(before, await rig.Simulator.GetBootIdAsync(Token));
        Assert.Equal(HttpStatusCode.NoContent, await RenumberAsync("29:00.1"));
        Assert.NotNull(await rig.Simulator.FindPciDeviceAsync(PciAddress.Parse("29:00.1"), Token));
        Assert.Null(await rig.Simulator.FindPciDeviceAsync(AgentRig.First, Token));
        Assert.Equal(HttpStatusCode.Conflict, await RenumberAsync("29:00.2"));
        Assert.Equal(HttpStatusCode.Conflict, await RenumberAsync("nowhere"));

        async Task<HttpStatusCode> RenumberAsync(string to)
        {
            using var answer = await http.PostAsJsonAsync(
                new Uri("/reboot/renumbered", UriKind.Relative), new Dictionary<string, string> { ["28:00.1"] = to }, Token);
            return answer.StatusCode;
        }
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient http, string path) =>
        http.PostAsync(new Uri(path, UriKind.Relative), null, Token);

    private static VirtualMachineTO Vm(string name, params PciAddress[] devices) => new()
    {
        Uuid = Guid.NewGuid(),
        Name = name,
        Cpus = 1,
        MaxRam = 1,
        PciDevices = [.. devices.Select(address => new PciDeviceTO { Address = address })],
    };

    private static async Task RefusedAsync(int code, int domain, string text, Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<HypervisorException>(call);
        Assert.Equal((code, domain), (refusal.Code, refusal.Domain));
        Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
    }
}
