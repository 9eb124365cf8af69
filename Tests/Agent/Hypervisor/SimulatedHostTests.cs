using Microsoft.Extensions.Time.Testing;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Hypervisor;

/// <summary>A host whose agent dies between two writes, and hosts in processes of their own: the log hides nothing and invents nothing.</summary>
public sealed class SimulatedHostTests : IDisposable
{
    private static readonly PciAddress Device = PciAddress.Parse("28:00.1");
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-host").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly VirtualMachineTO _vm = new() { Uuid = Guid.NewGuid(), Name = "vm1", Cpus = 1, MaxRam = 1 };

    private string DomainFolder => Path.Combine(_folder, "kvm1", "domains");

    [Fact]
    public void Start_IsToldBeforeItIsSo()
    {
        DieAtTheNextSave(host => host.Begin(_vm with { PciDevices = [new() { Address = Device }] }, [], 4, starting: false));
        Assert.Equal(["start", "attach"], Told());

        Load("kvm1").Dispose();
        Assert.Equal(["start", "attach", "end", "detach"], Told());
    }

    [Fact]
    public void Attach_IsToldBeforeItIsSo()
    {
        SimulatedDomain domain;
        using (var host = Load("kvm1"))
        {
            host.Begin(_vm, [], 4, starting: false);
            domain = host.Domains.Single();
        }

        DieAtTheNextSave(host => host.Attach(domain, Device, 1));

        Assert.Equal(["start", "attach"], Told());
    }

    [Fact]
    public void Arrival_IsToldBeforeItIsAdopted_WithItsTime()
    {
        var arrived = _time.GetUtcNow();
        DieAtTheNextSave(host =>
        {
            host.Migrations.Offer(new SimulatedDomain { Uuid = _vm.Uuid, Name = "vm1" });
            Assert.True(host.Migrations.SwitchOver(_vm.Uuid, arrived));
            _time.Advance(TimeSpan.FromMinutes(1));
            host.LookAround();
        });

        using var again = Load("kvm1");
        Assert.Equal(_vm.Uuid, again.Domains.Single().Uuid);
        var lines = AttachmentLog.Read(Path.Combine(_folder, "kvm1", "attachments.log"));
        Assert.All(lines, line => Assert.Equal(("start", arrived), (line.Event, line.At)));
    }

    [Fact]
    public void ResumeAfterAFailedSwitchOver_IsToldBeforeItIsSo()
    {
        SimulatedDomain domain;
        using (var host = Load("kvm1"))
        {
            host.Begin(_vm, [], 4, starting: false);
            host.Suspend(host.Domains.Single());
            domain = host.Domains.Single();
        }

        DieAtTheNextSave(host => host.StayHere(domain));

        Assert.Equal(["start", "end", "start"], Told());
    }

    [Fact]
    public void HostWithoutPower_TakesNoDomain_NorOneThatWasOnItsWay()
    {
        using var host = Load("kvm1");
        var uri = host.Migrations.Uri;
        MigrationFolder.Of(uri).Offer(new SimulatedDomain { Uuid = _vm.Uuid, Name = "vm1" });
        host.PowerOff("boot-2");

        Assert.False(MigrationFolder.Of(uri).SwitchOver(_vm.Uuid, _time.GetUtcNow()));
        Assert.Throws<HypervisorException>(() => host.Migrations.Offer(new SimulatedDomain { Uuid = _vm.Uuid, Name = "vm1" }));
        using var other = Load("kvm2");
        Assert.Throws<HypervisorException>(() => other.Migrations.At(uri));

        using var again = Load("kvm1");
        Assert.Empty(again.Incoming);
        Assert.Equal(uri, other.Migrations.At(uri).Uri);
    }

    [Fact]
    public void Detach_IsToldAfterItIsSo()
    {
        SimulatedDomain domain;
        using (var host = Load("kvm1"))
        {
            host.Begin(_vm with { PciDevices = [new() { Address = Device }] }, [], 4, starting: false);
            domain = host.Domains.Single();
        }

        DieAtTheNextSave(host => host.Detach(domain, Device));
        Assert.Equal(["start", "attach"], Told());
        using (var host = Load("kvm1")) host.Detach(domain, Device);

        Assert.Equal(["start", "attach", "detach"], Told());
    }

    [Theory]
    [InlineData("boot-id", "", "it is empty", "the host has rebooted")]
    [InlineData("devices.json", "[{\"address\":", "Expected depth to be zero", "the devices are made anew from pci.devices")]
    [InlineData("devices.json", "null", "it says null", "the devices are made anew from pci.devices")]
    [InlineData("domains/UUID.json", "{", "Expected depth to be zero", "its domain has ended")]
    [InlineData("domains/UUID.json", "\0\0\0\0", "'0x00' is an invalid start of a value", "its domain has ended")]
    public void DamagedFile_IsNamedWithTheRemedy_AndIsNotTouched(string name, string content, string what, string without)
    {
        using (var host = Load("kvm1")) host.Begin(_vm with { PciDevices = [new() { Address = Device }] }, [], 4, starting: false);
        var path = Path.Combine(_folder, "kvm1", name.Replace("UUID", $"{_vm.Uuid}", StringComparison.Ordinal));
        Assert.True(File.Exists(path));
        File.WriteAllText(path, content);

        for (var time = 0; time < 2; time++)
        {
            var refused = Assert.Throws<IOException>(() => Load("kvm1"));
            Assert.StartsWith($"{path} cannot be read ({what}", refused.Message, StringComparison.Ordinal);
            Assert.EndsWith($"): put a copy of it back, or remove it; then {without}", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(content, File.ReadAllText(path));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>As a kill at the moment when the file of a domain is written.</summary>
    private void DieAtTheNextSave(Action<SimulatedHost> act)
    {
        var away = DomainFolder + ".away";
        using var host = Load("kvm1");
        Directory.Move(DomainFolder, away);
        Assert.Throws<DirectoryNotFoundException>(() => act(host));
        Directory.Move(away, DomainFolder);
    }

    private SimulatedHost Load(string name)
    {
        var host = new SimulatedHost(
            Path.Combine(_folder, name), name, () => [new PciDeviceEntry(Device, "10GE")], _time);
        host.Load();
        return host;
    }

    private List<string> Told() => [.. AttachmentLog.Read(Path.Combine(_folder, "kvm1", "attachments.log")).Select(line => line.Event)];
}
