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

        Assert.Equal(new GuestKernel($"{small}/vmlinuz", null, ""), _templates.Find($"file://{small}"));
        Assert.Equal(new GuestKernel($"{whole}/vmlinuz", $"{whole}/initrd", "console=ttyS0 quiet"), _templates.Find($"file://{whole}/"));
        Assert.Equal(_templates.Find($"file://{whole}"), _templates.Find($"file://{_root}/secret/../templates/./whole"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void NoTemplate_IsNone(string? url) => Assert.Null(_templates.Find(url));

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
