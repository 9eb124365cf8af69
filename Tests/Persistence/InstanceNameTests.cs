using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>A database that begins anew, or was set back, meets domains that run under the names it would give.</summary>
public abstract class InstanceNameTests : IDisposable
{
    private readonly ManagementRig _rig;
    private readonly Operator _act;

    private protected InstanceNameTests(DatabaseProvider provider)
    {
        _rig = new ManagementRig(provider: provider);
        _act = new Operator(_rig);
    }

    [Fact]
    public async Task NamesOfUnknownDomains_AreNotGiven()
    {
        await ConnectAsync("i-1-1-VM", "i-1-1-VM-2", "i-1-20-VM", "i-1-2-VM-2");
        var offering = _rig.Add(Rows.Offering("10GE"));

        Assert.Equal("i-1-1-VM-3", (await _rig.CreateVmAsync(offering)).InstanceName);
        Assert.Equal("i-1-2-VM", (await _rig.CreateVmAsync(offering)).InstanceName);
    }

    [Fact]
    public async Task NamesOfDomainsThatAreGone_OrThatAreItsOwn_AreGiven()
    {
        await ConnectAsync("i-1-1-VM");
        await ConnectAsync();

        Assert.Equal("i-1-1-VM", (await _act.RunAsync()).InstanceName);
    }

    /// <summary>Somebody has made a domain of its name since.</summary>
    [Fact]
    public async Task StartThatAHostRefuses_SaysOnceWhy()
    {
        await ConnectAsync();
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        await _act.StartAsync(vm);

        await _act.AnswerAsync(vm, Observation.Off, result: false, notBegun: true);

        var job = _act.LastJob();
        Assert.Equal(RefusalCause.OperationFailed, job.Failure);
        Assert.Equal("Unable to start: kvm1: the hypervisor said no. There is no other host in the zone", job.JobResult);
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task ConnectAsync(params string[] domains)
    {
        var startup = Announcements.Host("kvm1", "28:00.1|10GE");
        var unknown = domains.Select(name => Announcements.Domain(Guid.NewGuid()) with { Name = name });
        await _rig.ConnectAsync(startup with { Report = startup.Report with { VirtualMachines = [.. unknown] } });
    }

    public sealed class OnSqlite() : InstanceNameTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : InstanceNameTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : InstanceNameTests(DatabaseProvider.SqlServer);
}
