using Microsoft.Extensions.Time.Testing;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>A guest's disk is made once, on its template's, and names no other file of the host.</summary>
[OutOfProcess]
public sealed class GuestDisksTests : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("pcibus-disks-").FullName;
    private readonly VirtualMachineTO _new = new() { Uuid = Guid.NewGuid(), NeverRan = true };
    private readonly GuestDisks _disks;

    public GuestDisksTests()
    {
        Directory.CreateDirectory(Folder);
        _disks = Make(Folder);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Folder => Path.Combine(_root, "disks");

    private string PathOfDisk => Path.Combine(Folder, $"{_new.Uuid}.qcow2");

    private DiskImage Template => new(Path.Combine(_root, "disk.qcow2"), "qcow2");

    private DiskImage Raw => new(Path.Combine(_root, "disk.raw"), "raw");

    public ValueTask InitializeAsync()
    {
        DiskImages.Require();
        DiskImages.Make(Template.Path, "-f", "qcow2");
        DiskImages.Make(Raw.Path, "-f", "raw");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("qcow2")]
    [InlineData("raw")]
    public async Task NewVm_GetsAnOverlay_WhichIsKept(string format)
    {
        var template = format == "raw" ? Raw : Template;
        var disk = await _disks.FindAsync(_new, template, Token);
        Assert.Equal(new GuestDisk(PathOfDisk, template), disk);
        Assert.Empty(Directory.GetFileSystemEntries(Folder));

        await _disks.MakeAsync(disk!, Token);
        Assert.Equal([PathOfDisk], Directory.GetFileSystemEntries(Folder));
        Assert.Equal(new QcowHeader(template.Path, format, null), await new QemuImages(TimeProvider.System).ReadAsync(PathOfDisk, Token));
        DiskImages.Write(PathOfDisk);
        Assert.Equal(disk, await _disks.FindAsync(_new with { NeverRan = false }, template, Token));
        await _disks.MakeAsync(disk!, Token);
        Assert.True(DiskImages.HasWhatWasWritten(PathOfDisk));
    }

    [Fact]
    public async Task DiskThatIsMadeTwiceAtOnce_IsOne()
    {
        var disk = await _disks.FindAsync(_new, Template, Token);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _disks.MakeAsync(disk!, Token)));

        Assert.Equal([PathOfDisk], Directory.GetFileSystemEntries(Folder));
        Assert.Equal(disk, await _disks.FindAsync(_new, Template, Token));
    }

    [Fact]
    public async Task VmThatHasRun_IsRefused_WithoutItsDisk()
    {
        await RefusedAsync($"it looked for {PathOfDisk}", _disks.FindAsync(_new with { NeverRan = false }, Template, Token));
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public async Task FolderThatIsNotThere_IsNotMade()
    {
        var absent = Path.Combine(_root, "absent");

        await RefusedAsync($"libvirt.disk.folder={absent} is not there", Make(absent).FindAsync(_new, Template, Token));
        Assert.StartsWith($"libvirt.disk.folder={absent} is not there", await Make(absent).FindProblemAsync(Token), StringComparison.Ordinal);
        Assert.False(Directory.Exists(absent));
        Assert.Null(await _disks.FindProblemAsync(Token));
        Assert.Null(await Make(null).FindProblemAsync(Token));
    }

    [Fact]
    public async Task GuestHasNoDisk_WhenItsTemplateHasNone()
    {
        Assert.Null(await _disks.FindAsync(_new, null, Token));
        Assert.Null(await Make(null).FindAsync(_new, null, Token));
        await RefusedAsync("this host has no libvirt.disk.folder", Make(null).FindAsync(_new, Template, Token));
        DiskImages.Make(PathOfDisk, "-f", "qcow2");
        await RefusedAsync($"has a disk, {PathOfDisk}, and its template has none any more", _disks.FindAsync(_new, null, Token));
    }

    [Fact]
    public async Task TemplateThatNamesAnotherFile_IsRefused()
    {
        var (secret, hostile) = (Path.Combine(_root, "secret"), new DiskImage(Path.Combine(_root, "hostile.qcow2"), "qcow2"));
        DiskImages.Make(secret, "-f", "raw");
        DiskImages.Make(hostile.Path, "-f", "qcow2", "-b", secret, "-F", "raw");
        await RefusedAsync($"it names another file, \"{secret}\"", _disks.FindAsync(_new, hostile, Token));
        DiskImages.Make(hostile.Path, "-f", "qcow2", "-o", $"data_file={secret},data_file_raw=on");
        await RefusedAsync($"it names another file, \"{secret}\"", _disks.FindAsync(_new, hostile, Token));
        await File.WriteAllTextAsync(hostile.Path, "no image", Token);
        await RefusedAsync("not in qcow2 format", _disks.FindAsync(_new, hostile, Token));
    }

    [Fact]
    public async Task RawTemplate_IsRead_AsWhatItIs_WhateverItSays()
    {
        var secret = Path.Combine(_root, "secret");
        DiskImages.Make(secret, "-f", "raw");
        File.Delete(Raw.Path);
        DiskImages.Make(Raw.Path, "-f", "qcow2", "-b", secret, "-F", "raw");
        var disk = await _disks.FindAsync(_new, Raw, Token);
        await _disks.MakeAsync(disk!, Token);

        Assert.Equal(new QcowHeader(Raw.Path, "raw", null), await new QemuImages(TimeProvider.System).ReadAsync(PathOfDisk, Token));
    }

    [Fact]
    public async Task DiskOnAnotherTemplate_IsRefused()
    {
        DiskImages.Make(PathOfDisk, "-f", "qcow2", "-b", Raw.Path, "-F", "raw");

        await RefusedAsync($"is no overlay on the template's disk {Template.Path}: it names \"{Raw.Path}\"", _disks.FindAsync(_new, Template, Token));
    }

    /// <summary>Older programs say less, and images of the first version have less to say.</summary>
    [Theory]
    [InlineData("{}", null, null)]
    [InlineData("""{"backing-filename":"/b","format-specific":{"type":"qcow"}}""", "/b", null)]
    [InlineData("""{"format-specific":{"type":"qcow2","data":{"compat":"0.10"}}}""", null, null)]
    [InlineData("""{"backing-filename":null,"format-specific":{"data":{"data-file":"/d"}}}""", null, "/d")]
    public async Task HeaderThatSaysLess_IsRead(string said, string? backing, string? data)
    {
        var program = await ProgramAsync($"echo '{said}'");

        Assert.Equal(new QcowHeader(backing, null, data), await new QemuImages(TimeProvider.System, program).ReadAsync("/i", Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("image: /i")]
    [InlineData("[]")]
    [InlineData("""{"backing-filename":7}""")]
    [InlineData("""{"format-specific":[]}""")]
    public async Task HeaderThatCannotBeRead_IsRefused(string said)
    {
        var program = await ProgramAsync($"echo '{said}'");

        await RefusedAsync($"{program} says of /i what cannot be read: ", new QemuImages(TimeProvider.System, program).ReadAsync("/i", Token));
    }

    [Fact]
    public async Task ProgramThatHangs_IsGivenUp()
    {
        var program = await ProgramAsync($"echo $$ > {_root}/pid.new && mv {_root}/pid.new {_root}/pid\nexec sleep 1000");
        var clock = new FakeTimeProvider();
        var reading = new QemuImages(clock, program).ReadAsync(Template.Path, Token);
        await Patience.UntilAsync(() => File.Exists($"{_root}/pid"), TimeSpan.FromSeconds(10), () => "it did not begin", Token);

        clock.Advance(QemuImages.Deadline);
        await RefusedAsync($"info {Template.Path} did not end within 30 s", reading);
        var pid = (await File.ReadAllTextAsync($"{_root}/pid", Token)).Trim();
        await Patience.UntilAsync(() => !Directory.Exists($"/proc/{pid}"), TimeSpan.FromSeconds(10), () => "it goes on", Token);
    }

    [Fact]
    public async Task ProgramThatIsNotThere_IsSaidSo() => await RefusedAsync(
        "install qemu-utils", new QemuImages(TimeProvider.System, Path.Combine(_root, "absent")).TryAsync(Token));

    private async Task<string> ProgramAsync(string script)
    {
        var program = Path.Combine(_root, "qemu-img");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\n{script}\n", Token);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return program;
    }

    private static GuestDisks Make(string? folder) => new(folder, new QemuImages(TimeProvider.System), TimeProvider.System);

    private static async Task RefusedAsync(string reason, Task call)
    {
        var refusal = await Assert.ThrowsAsync<HypervisorException>(() => call);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.OutcomeUnknown);
    }
}
