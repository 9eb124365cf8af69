using System.Reflection;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Setup;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Lines of workflows whose head is gone, and jobs that nothing works on. Only a test can make such rows.</summary>
public abstract class OrphanTests : IAsyncLifetime
{
    private readonly ManagementRig _rig;
    private readonly Operator _act;

    private protected OrphanTests(DatabaseProvider provider)
    {
        _rig = new ManagementRig(provider: provider);
        _act = new Operator(_rig);
    }

    public async ValueTask InitializeAsync() => await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));

    [Theory]
    [InlineData("NULL")]
    [InlineData("4711")]
    [InlineData("(SELECT max(id) FROM workflow)")]
    public async Task OldestThatWaits_Begins_WhenTheOneBeforeItIsGone(string held)
    {
        var vm = await _act.RunAsync();
        await _act.RebootAsync(vm);
        await _act.StopAsync(vm);
        await _act.RebootAsync(vm);
        _rig.Execute($"DELETE FROM workflow WHERE id = (SELECT min(id) FROM workflow); UPDATE vm_instance SET workflow_id = {held}");

        // The job of the reboot that is gone is ended too.
        Assert.Equal("lines set going: 1, jobs ended: 1", await AdoptAsync());
        await _rig.RunJobAsync<OverdueWorkflowsJob>();
        await _act.AnswerAsync(vm, Observation.Off);

        Assert.Equal((VirtualMachineState.Stopped, null), (_act.Look(vm).State, _act.Look(vm).WorkflowId));
        Assert.Equal(
            [JobStatus.Succeeded, JobStatus.Failed, JobStatus.Succeeded, JobStatus.Failed],
            _rig.Read(database => database.Set<AsyncJob>().OrderBy(job => job.Id).Select(job => job.JobStatus).ToList()));
        Assert.Null(await AdoptAsync());
    }

    [Fact]
    public async Task VmHeldByAWorkflowThatIsGone_IsFreeAgain()
    {
        var vm = await _act.RunAsync();
        _rig.Execute("UPDATE vm_instance SET workflow_id = 4711");

        Assert.Equal("lines set going: 1, jobs ended: 0", await AdoptAsync());

        Assert.Equal((null, VirtualMachineState.Running), (_act.Look(vm).WorkflowId, _act.Look(vm).State));
        Assert.Null(await AdoptAsync());
    }

    [Theory]
    [InlineData(Observation.Running, nameof(VirtualMachineState.Running))]
    [InlineData(Observation.Off, nameof(VirtualMachineState.Stopped))]
    public async Task VmOnItsWay_IsAskedFor_WhenWhatTookItThereIsGone(Observation observed, string state)
    {
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        await _act.StartAsync(vm);
        _rig.Execute("DELETE FROM workflow");

        Assert.Equal("lines set going: 1, jobs ended: 1", await AdoptAsync());
        await _act.AnswerAsync(vm, observed);

        Assert.Equal((state, null), ($"{_act.Look(vm).State}", _act.Look(vm).WorkflowId));
        Assert.Equal(
            observed == Observation.Running ? vm.Id : null, _rig.Read(database => database.Set<PciDevice>().Single().InstanceId));
    }

    [Fact]
    public async Task JobWithoutAWorkflow_IsEnded_WithAReason()
    {
        await _act.RunAsync();
        _rig.Execute("UPDATE async_job SET job_status = 'InProgress', completed = NULL");

        Assert.Equal("lines set going: 0, jobs ended: 1", await AdoptAsync());

        Assert.Equal(JobStatus.Failed, _act.LastJob().JobStatus);
        Assert.StartsWith("Nothing works on this job any more", _act.LastJob().JobResult, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsAsItShouldBe_IsLeftAlone()
    {
        var vm = await _act.RunAsync();
        await _act.StopAsync(vm);
        await _act.RebootAsync(vm);
        _rig.Execute("UPDATE async_job SET instance_type = 'Cluster', job_status = 'InProgress', completed = NULL WHERE id = 1");
        var before = (_act.Look(vm).UpdateCount, Jobs());

        Assert.Null(await AdoptAsync());

        Assert.Equal(before, (_act.Look(vm).UpdateCount, Jobs()));
    }

    /// <summary>A kind of job that nobody ends would be in progress for ever; and what ends others must leave it alone.</summary>
    [Fact]
    public void EveryKindOfJob_SaysWhoEndsIt()
    {
        var jobs = ReconciliationJobs.All.Select(job => job.Name).ToHashSet();
        foreach (var kind in Enum.GetNames<JobInstanceType>())
        {
            var end = typeof(JobInstanceType).GetField(kind)!.GetCustomAttribute<JobEndAttribute>();
            Assert.True(end is { By.Length: > 0, Nets.Count: > 0 }, $"{kind} does not say who ends jobs about it");
            Assert.Subset(jobs, end.Nets.ToHashSet());
        }
    }

    public ValueTask DisposeAsync()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private Task<string?> AdoptAsync() => _rig.RunJobAsync<OrphansJob>();

    private int Jobs() => _rig.Read(database => database.Set<AsyncJob>().Count(job => job.JobStatus == JobStatus.InProgress));

    public sealed class OnSqlite() : OrphanTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : OrphanTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : OrphanTests(DatabaseProvider.SqlServer);
}
