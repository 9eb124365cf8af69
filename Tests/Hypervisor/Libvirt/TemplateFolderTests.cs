using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>An API user names templates, and gets at no other file of the host.</summary>
public sealed class TemplateFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pcibus-templates-").FullName;
    private readonly TemplateFolder _templates;

    public TemplateFolderTests()
    {
        _templates = new TemplateFolder(Path.Combine(_root, "templates"));
        foreach (var folder in (string[])["templates/small", "templates/whole", "templates-of-others/secret", "secret"])
        {
            Directory.CreateDirectory(Path.Combine(_root, folder));
            File.WriteAllText(Path.Combine(_root, folder, "vmlinuz"), "kernel");
        }

        File.WriteAllText(Path.Combine(_root, "templates/whole/initrd"), "files");
        File.WriteAllText(Path.Combine(_root, "templates/whole/cmdline"), "console=ttyS0 quiet\n");
        Directory.CreateDirectory(Path.Combine(_root, "templates/empty"));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void FolderWithAKernel_IsATemplate()
    {
        var (small, whole) = (Path.Combine(_root, "templates/small"), Path.Combine(_root, "templates/whole"));

        Assert.Equal(new GuestTemplate(new GuestKernel($"{small}/vmlinuz", null, ""), null), _templates.Find($"file://{small}"));
        var kernel = new GuestKernel($"{whole}/vmlinuz", $"{whole}/initrd", "console=ttyS0 quiet");
        Assert.Equal(new GuestTemplate(kernel, null), _templates.Find($"file://{whole}/"));
        Assert.Equal(_templates.Find($"file://{whole}"), _templates.Find($"file://{_root}/secret/../templates/./whole"));
    }

    [Theory]
    [InlineData("qcow2")]
    [InlineData("raw")]
    public void FolderWithADisk_IsATemplate_BesideAKernelOrWithoutOne(string format)
    {
        foreach (var (name, hasKernel) in new[] { ("small", true), ("empty", false) })
        {
            var disk = Path.Combine(_root, "templates", name, $"disk.{format}");
            File.WriteAllText(disk, "disk");
            var template = _templates.Find($"file://{_root}/templates/{name}");

            Assert.Equal((hasKernel, new DiskImage(disk, format)), (template.Kernel is not null, template.Disk));
        }
    }

    [Fact]
    public void FolderWithTwoDisks_IsRefused()
    {
        foreach (var format in (string[])["qcow2", "raw"]) File.WriteAllText(Path.Combine(_root, "templates/small", $"disk.{format}"), "disk");

        var refusal = Assert.Throws<HypervisorException>(() => _templates.Find($"file://{_root}/templates/small"));
        Assert.Contains("two disks", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void NoTemplate_IsNone(string? url) => Assert.Equal(new GuestTemplate(null, null), _templates.Find(url));

    [Theory]
    [InlineData("http://templates/linux")]
    [InlineData("file://elsewhere/templates/whole")]
    [InlineData("whole")]
    [InlineData("/whole")]
    [InlineData("file://ROOT/secret")]
    [InlineData("file://ROOT/templates")]
    [InlineData("file://ROOT/templates/empty")]
    [InlineData("file://ROOT/templates/absent")]
    [InlineData("file://ROOT/templates/whole/vmlinuz")]
    [InlineData("file://ROOT/templates/../secret")]
    [InlineData("file://ROOT/templates/%2e%2e/secret")]
    [InlineData("file://ROOT/templates/..%2fsecret")]
    [InlineData("file://ROOT/templates/%252e%252e/secret")]
    [InlineData("file://ROOT/templates/whole%00/../../secret")]
    [InlineData("file://ROOT/templates-of-others/secret")]
    [InlineData("file://ROOT/templates/\u0000")]
    public void AnythingElse_IsRefused_AndSaidHow(string url)
    {
        var refusal = Assert.Throws<HypervisorException>(() => _templates.Find(url.Replace("ROOT", _root, StringComparison.Ordinal)));

        Assert.Contains($"allowed is file://{_root}/templates/NAME", refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.OutcomeUnknown);
    }
}
