using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts.PciDevices;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>A judge that sees nothing wrong proves nothing: each wrong is planted here.</summary>
public sealed class JudgeTests : IDisposable
{
    private static readonly DateTimeOffset Morning = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-judge").FullName;
    private readonly ManagementRig _rig = new();
    private readonly Guid _one = Guid.NewGuid();
    private readonly Guid _other = Guid.NewGuid();

    [Fact]
    public void MachinesOneAfterTheOther_AreRight()
    {
        Write("kvm1", (1, "start", _one, null), (1, "attach", _one, "28:00.1"), (2, "detach", _one, "28:00.1"), (2, "end", _one, null));
        Write("kvm2", (3, "start", _one, null), (4, "end", _one, null));
        Write("kvm3", (1, "start", _other, null), (2, "end", _other, null));

        Assert.Empty(Judge().WrongsAtRest());
    }

    [Fact]
    public void DeviceOfTwo_IsWrong()
    {
        Write("kvm1", (1, "attach", _one, "28:00.1"), (2, "attach", _other, "28:00.1"), (3, "detach", _one, "28:00.1"));

        Assert.Equal([$"kvm1 0000:28:00.1: {_one} had it when {_other} got it"], Judge().Wrongs());
    }

    [Fact]
    public void MachineOnTwoHostsAtOnce_IsWrong_AlsoWhenItIsOver()
    {
        Write("kvm1", (1, "start", _one, null), (3, "end", _one, null));
        Write("kvm2", (2, "start", _one, null), (4, "end", _one, null));

        Assert.Equal([$"{_one} ran on kvm1 and kvm2 at once"], Judge().Wrongs());
    }

    [Fact]
    public void MachineThatIsSwitchedOverAndComesBack_IsRight()
    {
        Write("kvm1", (1, "start", _one, null), (2, "end", _one, null), (3, "start", _one, null));
        Write("kvm2", (2, "start", _one, null), (3, "end", _one, null));

        Assert.Empty(Judge().Wrongs());
    }

    [Fact]
    public void MachineThatRunsOnBothSidesOfItsMigration_IsWrong()
    {
        Write("kvm1", (1, "start", _one, null));
        Write("kvm2", (2, "start", _one, null));

        Assert.Equal([$"{_one} ran on kvm1 and kvm2 at once"], Judge().Wrongs());
    }

    [Fact]
    public void DeviceThatIsGivenWhileAnotherHasIt_IsWrong_AlsoWhenItsHostRefuses()
    {
        Write("kvm1", (1, "attach", _one, "28:00.1"), (2, "refuse", _other, "28:00.1"), (3, "detach", _one, "28:00.1"));

        Assert.Equal([$"kvm1 0000:28:00.1: {_one} had it when {_other} was to get it"], Judge().Wrongs());
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public async Task DeviceThatIsReleasedWhileItsDomainHasIt_IsWrong(int hour, bool isWrong)
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await new Operator(_rig).RunAsync();
        await _rig.DeliverAsync();
        Write("kvm1", (3, "start", vm.Uuid, null), (3, "attach", vm.Uuid, "28:00.1"), (5, "detach", vm.Uuid, "28:00.1"), (6, "attach", vm.Uuid, "28:00.1"));
        Assert.Empty(Judge().Wrongs());

        _rig.Execute($"UPDATE pci_device_history SET what = 'Released', created = '2026-03-01 {8 + hour:00}:00:00.0000000' WHERE what = 'Claimed'");

        Assert.Equal(isWrong ? [$"kvm1 0000:28:00.1 was released by {vm.Uuid}, which had it"] : [], Judge().Wrongs());
    }

    [Fact]
    public async Task DegradedMachine_IsWrong_WithoutAnAlert()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await new Operator(_rig).RunAsync();
        _rig.Execute("UPDATE vm_instance SET degraded_since = created");

        Assert.Contains($"{vm.Name} is degraded, and no alert says so", Judge().WrongsAtRest());
    }

    [Fact]
    public void UnknownEvent_IsWrong()
    {
        Write("kvm1", (1, "explode", _one, null));

        Assert.Equal(["kvm1: the log has an event explode"], Judge().Wrongs());
    }

    [Fact]
    public async Task MachineThatTheRecordsAndTheHostsSeeDifferently_IsWrong()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await new Operator(_rig).RunAsync();
        await _rig.DeliverAsync();
        Assert.Contains($"recorded, and not so: {vm.Uuid} on kvm1 with 1 devices", Judge().WrongsAtRest());

        Write("kvm1", (1, "start", vm.Uuid, null), (1, "start", _other, null));
        Assert.Equal(
            [$"recorded, and not so: {vm.Uuid} on kvm1 with 1 devices", $"so, and not recorded: {vm.Uuid} on kvm1 with 0 devices", $"so, and not recorded: {_other} on kvm1 with 0 devices"],
            Judge().WrongsAtRest());
    }

    [Fact]
    public async Task JobThatHasNotEnded_AndClaimOfNobody_AreWrong()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var act = new Operator(_rig);
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        await act.StartAsync(vm);
        Assert.Contains(Judge().WrongsAtRest(), wrong => wrong.EndsWith("has not ended", StringComparison.Ordinal));

        await act.AnswerAsync(vm, PciBus.Contracts.VirtualMachines.Observation.Running);
        _rig.Execute($"UPDATE vm_instance SET state = '{VirtualMachineState.Stopped}', host_id = NULL");
        Assert.Contains(Judge().Wrongs(), wrong => wrong.Contains("is owned by vm, which is Stopped", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _rig.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Judge Judge() => new(Directory.GetDirectories(_folder), () =>
    {
        var connection = new Microsoft.Data.Sqlite.SqliteConnection(_rig.Database.ConnectionString);
        connection.Open();
        return connection;
    });

    private void Write(string host, params (int Hour, string Event, Guid Domain, string? Device)[] lines)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, host, "simulator")).FullName;
        File.WriteAllLines(Path.Combine(folder, "attachments.log"), lines.Select(line => System.Text.Json.JsonSerializer.Serialize(
            new Attachment
            {
                At = Morning.AddHours(line.Hour),
                Event = line.Event,
                Domain = line.Domain,
                Device = line.Device is null ? null : PciAddress.Parse($"0000:{line.Device}"),
            },
            SimulatorJson.Options)));
    }
}
