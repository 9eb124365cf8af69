using System.Text;
using Microsoft.Extensions.Time.Testing;
using PciBus.Agent.Registration;
using Xunit;

namespace PciBus.Tests.Agent.Registration;

public sealed class AgentPropertiesFileTests : IAsyncDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly FakeTimeProvider _time = new();
    private readonly Pump _pump = new();
    private readonly CancellationTokenSource _stop = new();
    private AgentPropertiesFile _file = null!;
    private Task _watch = Task.CompletedTask;

    [Fact]
    public void Devices_Follow_OnceTheFileHasBeenTheSameForASecond()
    {
        Open("pci.devices=28:00.1|A");

        Write("pci.devices=28:00.1|B");
        Pass(0.8);
        Assert.Equal("A", _file.Devices.Devices![0].Name);
        Pass(0.6);
        Assert.Equal("B", _file.Devices.Devices![0].Name);
    }

    [Fact]
    public void Devices_Wait_WhileTheFileKeepsChanging()
    {
        Open("pci.devices=28:00.1|A");

        for (var i = 0; i < 6; i++)
        {
            Write($"pci.devices=28:00.1|B{i}");
            Pass(0.8);
            Assert.Equal("A", _file.Devices.Devices![0].Name);
        }

        Pass(0.6);
        Assert.Equal("B5", _file.Devices.Devices![0].Name);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("pci.devi", "has no key")]
    [InlineData("zone=a", "has no key")]
    [InlineData(null, "cannot be read")]
    public void Devices_StayWithAWarning_WhenThereIsNoList(string? text, string warning)
    {
        Open("pci.devices=28:00.1|A");

        if (text is null) File.Delete(_path);
        else Write(text, guid: text.Length > 0);
        Pass(2);

        Assert.Equal("A", Assert.Single(_file.Devices.Devices!).Name);
        // What follows from it, management says.
        Assert.StartsWith($"{_path} {warning}", Assert.Single(_file.Devices.Warnings), StringComparison.Ordinal);
        Assert.DoesNotContain(": ", _file.Devices.Warnings[0], StringComparison.Ordinal);

        Write("pci.devices=");
        Pass(2);
        Assert.Empty(_file.Devices.Devices!);
        Assert.Empty(_file.Devices.Warnings);
    }

    /// <summary>Two lists: nobody can say which is meant, and nothing is taken out of service.</summary>
    [Fact]
    public void Devices_Stay_WhenThereAreTwoLists()
    {
        Open("pci.devices=28:00.1|A");

        Write("pci.devices=28:00.1|A\nzone=z\npci.devices=28:00.2|B");
        Pass(2);
        Assert.Equal("A", Assert.Single(_file.Devices.Devices!).Name);
        Assert.Equal([$"{_path} has pci.devices in line 2 and again in line 4"], _file.Devices.Warnings);

        Write("pci.devices=28:00.2|B\nzone=z\nzone=y");
        Pass(2);
        Assert.Equal("B", Assert.Single(_file.Devices.Devices!).Name);
        Assert.Equal([$"{_path} has zone in line 3 and again in line 4"], _file.Devices.Warnings);
    }

    [Fact]
    public void Devices_AreUnknown_WhenTheFirstFileHasTwoLists()
    {
        Open("pci.devices=28:00.1|A\npci.devices=28:00.2|B");

        Assert.Null(_file.Devices.Devices);
        Assert.Equal([$"{_path} has pci.devices in line 2 and again in line 3"], _file.Devices.Warnings);
    }

    [Fact]
    public void Devices_Stay_WhenTheFileIsNotUtf8_OrHasWhatCannotBeSeen()
    {
        Open("pci.devices=28:00.1|A");

        File.WriteAllBytes(_path, Encoding.Latin1.GetBytes("guid=a\npci.devices=28:00.1|gr\u00fcn,28:00.2|gr\u00f6n"));
        Pass(2);
        Assert.Equal("A", Assert.Single(_file.Devices.Devices!).Name);
        Assert.Equal([$"line 2 of {_path} is not UTF-8"], _file.Devices.Warnings);

        Write("pci.devices=28:00.1|10\u00a0GE");
        Pass(2);
        Assert.Equal("A", Assert.Single(_file.Devices.Devices!).Name);
        Assert.Equal([$"line 2 of {_path} has U+00A0 in it, which cannot be seen"], _file.Devices.Warnings);
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
        _pump.Run(_stop.Cancel);
        if (!_watch.IsCompleted) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _watch);
        _stop.Dispose();
        File.Delete(_path);
    }

    private void Open(string text)
    {
        File.WriteAllText(_path, "guid=a\n" + text + "\nhypervisor.type=simulated");
        _file = AgentPropertiesFile.Open(_path, _time);
        _pump.Run(() => _watch = _file.WatchAsync(_stop.Token));
    }

    private void Write(string text, bool guid = true)
    {
        File.WriteAllText(_path, (guid ? "guid=a\n" : "") + text);
        Pass(0.2);
    }

    private void Pass(double seconds)
    {
        for (var passed = 0.0; passed < seconds - 0.01; passed += 0.1) _pump.Run(() => _time.Advance(TimeSpan.FromMilliseconds(100)));
    }
}
