using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Management.Setup;
using PciBus.Management.Setup.Embedded;
using Xunit;

namespace PciBus.Tests.Setup;

public sealed class EmbeddedHostsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-embedded-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>As versions wrote it that took a host for simulated when its file did not say.</summary>
    [Fact]
    public async Task FileWithoutHypervisorType_IsThatOfASimulatedHost()
    {
        Write("guid=kvm1\npci.devices=28:00.1|10GE");

        await using var hosts = EmbeddedHosts.Load(_folder, TimeProvider.System, NullLoggerFactory.Instance);
        await hosts.StartAsync(Token);

        Assert.True(File.Exists(Path.Combine(EmbeddedHosts.FolderOf(_folder), "kvm1", "simulator", "boot-id")));
    }

    [Fact]
    public void FileOfARealHost_IsRefused()
    {
        Write("guid=kvm1\nhypervisor.type=kvm\npci.devices=28:00.1|10GE");

        var refusal = Assert.Throws<SetupException>(() => EmbeddedHosts.Load(_folder, TimeProvider.System, NullLoggerFactory.Instance));

        Assert.Contains("hypervisor.type=kvm is not allowed; allowed is simulated", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string text)
    {
        var folder = Directory.CreateDirectory(Path.Combine(EmbeddedHosts.FolderOf(_folder), "kvm1"));
        File.WriteAllText(Path.Combine(folder.FullName, "agent.properties"), text);
    }
}
