using Microsoft.EntityFrameworkCore;
using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StartVirtualMachine;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Rows that a server of a newer version has written, with names that this one does not know.</summary>
public abstract class NewerNamesTests : IDisposable
{
    private const string Newer = "OfALaterVersion";
    private readonly ManagementRig _rig;

    private protected NewerNamesTests(DatabaseProvider provider) => _rig = new ManagementRig(provider: provider);

    [Fact]
    public void EveryColumnOfNames_IsReadAndWrittenBack()
    {
        var columns = _rig.Read(database => database.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties())
            .Where(property => (Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType).IsEnum).ToList());
        Assert.NotEmpty(columns);
        Assert.All(columns, column =>
        {
            var converter = column.GetTypeMapping().Converter!;
            var read = converter.ConvertFromProvider(Newer)!;
            Assert.True(StoredNames.IsNewer((Enum)read));
            Assert.False(Enum.IsDefined(read.GetType(), read));
            Assert.Equal(read, converter.ConvertFromProvider(Newer));
            Assert.NotEqual(read, converter.ConvertFromProvider($"Another{Newer}"));
            Assert.Equal(Newer, converter.ConvertToProvider(read));
        });
    }

    [Fact]
    public async Task AlertOfANewerVersion_IsCounted_HoldsBackNoOther_AndEndsWithItsHost()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1"));
        await _rig.RunAsync((AlertManager alerts) =>
            alerts.RaiseAsync(AlertType.HostPlace, "what it is", "its body", host.Id, null, CancellationToken.None));
        _rig.Execute($"UPDATE alert SET type = '{Newer}'");

        await _rig.RunAsync((AlertManager alerts) =>
            alerts.SyncAsync(AlertType.ClockSkew, host.Id, [("its clock", "is far")], CancellationToken.None));
        var counts = await _rig.RunAsync((AlertManager alerts) => alerts.CountStandingAsync(CancellationToken.None));
        Assert.Equal(
            new Dictionary<string, int> { [Newer] = 1, ["ClockSkew"] = 1 }, counts.ToDictionary(type => StoredNames.Of(type.Key), type => type.Value));

        await _rig.RunAsync((AlertManager alerts) => alerts.EndAllAsync(host.Id, CancellationToken.None));
        Assert.All(_rig.Read(database => database.Set<Alert>().ToList()), alert => Assert.NotNull(alert.Resolved));
        Assert.Contains(_rig.Read(database => database.Set<Alert>().ToList()), alert => StoredNames.Of(alert.Type) == Newer);
    }

    [Fact]
    public async Task JobGoesOnWithTheOthers()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var offering = _rig.Add(Rows.Offering("10GE"));
        var (strange, plain) = (await _rig.CreateVmAsync(offering, "strange"), await _rig.CreateVmAsync(offering, "plain"));
        using (var database = _rig.Open())
        {
            var due = _rig.Time.GetUtcNow();
            await database.Set<VirtualMachine>().ExecuteUpdateAsync(set => set.SetProperty(vm => vm.RestartAt, due), CancellationToken.None);
        }

        _rig.Execute($"UPDATE vm_instance SET state = '{Newer}' WHERE id = {strange.Id}");

        await _rig.RunJobAsync<RestartsJob>();

        Assert.Equal(
            [Newer, nameof(VirtualMachineState.Starting)],
            _rig.Read(database => database.Set<VirtualMachine>().OrderBy(vm => vm.Id).ToList()).Select(vm => StoredNames.Of(vm.State)));
        Assert.Equal(plain.Id, _rig.Read(database => database.Set<PciBus.Management.PciDevices.PciDevice>().Single()).InstanceId);
    }

    [Fact]
    public async Task WorkflowOfANewerVersion_IsLeftToIt()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var act = new Operator(_rig);
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        await act.StartAsync(vm);
        _rig.Execute($"UPDATE workflow SET kind = '{Newer}'");
        _rig.Pass(TimeSpan.FromHours(1));

        await _rig.RunJobAsync<OverdueWorkflowsJob>();

        Assert.Contains(_rig.Log.Lines, line => line.Text.Contains("could not take Overdue", StringComparison.Ordinal));
        Assert.Equal(Newer, StoredNames.Of(_rig.Read(database => database.Set<Workflow>().Single()).Kind));
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    public sealed class OnSqlite() : NewerNamesTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : NewerNamesTests(DatabaseProvider.PostgreSql);
}
