using System.Xml.Linq;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Registration;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>Disks, in a folder that both hosts share.</summary>
public sealed partial class LibvirtGuestsTests
{
    private LibvirtProperties Disks => new()
    {
        TemplateFolder = Path.Combine(hosts.Shared, "templates"),
        DiskFolder = Path.Combine(hosts.Shared, "disks"),
    };

    private string PathOfDisk => Path.Combine(Disks.DiskFolder!, $"{_vm.Uuid}.qcow2");

    [Fact]
    public async Task NewGuest_GetsADisk_AndHasItAtEachStart()
    {
        var vm = NewVm("qcow2");
        var first = await OpenAsync(hosts.First, Disks);
        Assert.Null(await first.ObjectionToRunAsync(vm, Token));
        await first.StartAsync(vm, Token);
        var disk = Assert.Single(XElement.Parse((await FindAsync(hosts.First)).Xml).Descendants("disk"));
        Assert.Equal(PathOfDisk, disk.Element("source")?.Attribute("file")?.Value);
        Assert.Equal("none", disk.Element("driver")?.Attribute("cache")?.Value);
        await first.DestroyAsync(vm.Uuid, Token);

        DiskImages.Write(PathOfDisk);
        foreach (var neverRan in new[] { true, false })
        {
            await first.StartAsync(vm with { NeverRan = neverRan }, Token);
            await first.DestroyAsync(vm.Uuid, Token);
        }

        Assert.True(DiskImages.HasWhatWasWritten(PathOfDisk));
    }

    [Fact]
    public async Task GuestThatHasRun_IsNotStarted_WhereItsDiskIsNot()
    {
        var vm = NewVm("raw");
        var first = await OpenAsync(hosts.First, Disks);
        await first.StartAsync(vm, Token);
        await first.DestroyAsync(vm.Uuid, Token);
        File.Delete(PathOfDisk);

        vm = vm with { NeverRan = false };
        Assert.EndsWith($"it looked for {PathOfDisk}", await first.ObjectionToRunAsync(vm, Token), StringComparison.Ordinal);
        await Assert.ThrowsAsync<HypervisorException>(() => first.StartAsync(vm, Token));
        Assert.Null(await first.FindDomainAsync(vm.Uuid, Token));
        Assert.False(File.Exists(PathOfDisk));
    }

    [Fact]
    public async Task GuestWithADisk_MigratesToAHostThatHasTheFile_AndToNoOther()
    {
        var vm = NewVm("qcow2");
        var (first, second) = (await OpenAsync(hosts.First, Disks), await OpenAsync(hosts.Second, Disks));
        await first.StartAsync(vm, Token);
        vm = vm with { NeverRan = false };
        Assert.Null(await second.ObjectionToRunAsync(vm, Token));
        var other = Directory.CreateDirectory(Path.Combine(hosts.Shared, "others")).FullName;
        var elsewhere = await OpenAsync(hosts.Second, Disks with { DiskFolder = other });
        Assert.EndsWith($"it looked for {other}/{vm.Uuid}.qcow2", await elsewhere.ObjectionToRunAsync(vm, Token), StringComparison.Ordinal);

        await first.MigrateAsync(vm.Uuid, second.MigrationUri, autoConverge: false, Token);
        Assert.Equal(DomainState.Running, (await second.FindDomainAsync(vm.Uuid, Token))!.State);
        Assert.Single(XElement.Parse((await FindAsync(hosts.Second)).Xml).Descendants("disk"));
        await second.DestroyAsync(vm.Uuid, Token);
        await second.StartAsync(vm, Token);
    }

    [Fact]
    public async Task TemplateThatNamesAFileOfTheHost_IsRefused()
    {
        var vm = NewVm("qcow2");
        DiskImages.Make(Path.Combine(new Uri(vm.Template!).LocalPath, "disk.qcow2"), "-f", "qcow2", "-b", "/etc/shadow", "-F", "raw");
        var first = await OpenAsync(hosts.First, Disks);

        Assert.EndsWith("it names another file, \"/etc/shadow\"", await first.ObjectionToRunAsync(vm, Token), StringComparison.Ordinal);
        await Assert.ThrowsAsync<HypervisorException>(() => first.StartAsync(vm, Token));
        Assert.False(File.Exists(PathOfDisk));
    }

    /// <summary>A VM that has never run, of a template that has a disk of a format and nothing else.</summary>
    private VirtualMachineTO NewVm(string format)
    {
        var template = Directory.CreateDirectory(Path.Combine(Disks.TemplateFolder, $"{_vm.Uuid}")).FullName;
        Directory.CreateDirectory(Disks.DiskFolder!);
        DiskImages.Make(Path.Combine(template, $"disk.{format}"), "-f", format);
        return _vm with { Template = $"file://{template}", NeverRan = true };
    }
}
