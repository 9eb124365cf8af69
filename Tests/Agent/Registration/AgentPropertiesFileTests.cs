using Microsoft.Extensions.Time.Testing;
using PciBus.Agent.Registration;
using Xunit;

namespace PciBus.Tests.Agent.Registration;

public sealed class AgentPropertiesFileTests : IAsyncDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private AgentPropertiesFile _file = null!;
    private Task _watch = Task.CompletedTask;

    [Fact]
    public async Task Devices_Follow_OnceTheFileHasBeenTheSameForASecond()
    {
        Open("pci.devices=28:00.1|A");

        await WriteAsync("pci.devices=28:00.1|B");
        await PassAsync(0.8);
        Assert.Equal("A", _file.Devices.Devices![0].Name);
        await PassAsync(0.6);
        Assert.Equal("B", _file.Devices.Devices![0].Name);
    }

    [Fact]
    public async Task Devices_Wait_WhileTheFileKeepsChanging()
    {
        Open("pci.devices=28:00.1|A");

        for (var i = 0; i < 6; i++)
        {
            await WriteAsync($"pci.devices=28:00.1|B{i}");
            await PassAsync(0.8);
            Assert.Equal("A", _file.Devices.Devices![0].Name);
        }

        await PassAsync(0.6);
        Assert.Equal("B5", _file.Devices.Devices![0].Name);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("pci.devi", "has no key")]
    [InlineData("zone=a", "has no key")]
    [InlineData(null, "cannot be read")]
    public async Task Devices_StayWithAWarning_WhenThereIsNoList(string? text, string warning)
    {
        Open("pci.devices=28:00.1|A");

        if (text is null) File.Delete(_path);
        else await WriteAsync(text, guid: text.Length > 0);
        await PassAsync(2);

        Assert.Equal("A", Assert.Single(_file.Devices.Devices!).Name);
        Assert.Contains(warning, Assert.Single(_file.Devices.Warnings), StringComparison.Ordinal);

        await WriteAsync("pci.devices=");
        await PassAsync(2);
        Assert.Empty(_file.Devices.Devices!);
        Assert.Empty(_file.Devices.Warnings);
    }

    [Fact]
    public void Devices_AreUnknown_WhenTheFirstFileHasNoList()
    {
        Open("zone=a");

        Assert.Null(_file.Devices.Devices);
        Assert.Single(_file.Devices.Warnings);
    }

    [Fact]
    public void Open_NamesTheFile_WhenItCannotBeRead() => Assert.Contains(
        "/does/not/exist: the file cannot be read",
        Assert.Throws<AgentPropertiesException>(() => AgentPropertiesFile.Open("/does/not/exist", _time)).Message,
        StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        if (!_watch.IsCompleted) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _watch);
        _stop.Dispose();
        File.Delete(_path);
    }

    private void Open(string text)
    {
        File.WriteAllText(_path, "guid=a\n" + text);
        _file = AgentPropertiesFile.Open(_path, _time);
        _watch = _file.WatchAsync(_stop.Token);
    }

    private async Task WriteAsync(string text, bool guid = true)
    {
        File.WriteAllText(_path, (guid ? "guid=a\n" : "") + text);
        await PassAsync(0.2);
    }

    private async Task PassAsync(double seconds)
    {
        for (var passed = 0.0; passed < seconds - 0.01; passed += 0.1)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
