using Microsoft.Extensions.Logging;
using PciBus.Agent.Setup;
using Xunit;

namespace PciBus.Tests.Agent.Setup;

/// <summary>An agent whose file does not say what runs the VMs does nothing: it might announce devices that are not there.</summary>
public sealed class HypervisorTypeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-type-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("run")]
    [InlineData("check")]
    [InlineData("join")]
    public async Task FileWithoutIt_IsRefused(string command)
    {
        var file = new FileInfo(Path.Combine(_folder, "agent.properties"));
        await File.WriteAllLinesAsync(
            file.FullName, ["guid=kvm1", "agent.data.folder=data", "bus.address=amqp://127.0.0.1:1", "pci.devices=28:00.1|10GE"], Token);
        using var output = new StringWriter();
        using var error = new StringWriter();

        var code = await (command switch
        {
            "run" => RunCommand.RunAsync(file, LogLevel.Warning, error, Token),
            "check" => CheckCommand.RunAsync(file, output, error, Token),
            _ => JoinCommand.RunAsync(file, "http://127.0.0.1:1", "token", null, output, error, Token),
        });

        Assert.Equal((RunCommand.NotUsable, ""), (code, output.ToString()));
        Assert.Contains("hypervisor.type is missing; allowed is kvm or simulated", error.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "data")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
