using System.Text.RegularExpressions;
using PciBus.Management.Reconciliation;
using PciBus.Management.Setup;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Setup;

/// <summary>A job that is written stands in the table of all jobs, and in the page about them.</summary>
public sealed partial class ReconciliationJobsTests
{
    [Fact]
    public void EveryJob_StandsInTheTable()
    {
        var jobs = typeof(IReconciliationJob).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(IReconciliationJob)));

        Assert.Equal(jobs.Order(ByName), ReconciliationJobs.All.Select(job => job.Work).Order(ByName));
        Assert.All(ReconciliationJobs.All, job => Assert.Same(job, job.Work.GetProperty(nameof(IReconciliationJob.About))!.GetValue(null)));
        Assert.Equal(ReconciliationJobs.All.Count, ReconciliationJobs.All.DistinctBy(job => job.Name).Count());
    }

    [Fact]
    public void ThePage_NamesEachJob_WithItsInterval()
    {
        var rows = File.ReadLines(Checkout.PathOf("docs", "reconciliation.md"))
            .Select(line => Row().Match(line))
            .Where(match => match.Success)
            .Select(match => (match.Groups["name"].Value, match.Groups["interval"].Value));

        Assert.Equal(
            ReconciliationJobs.All.Select(job => (job.Name, $"{job.Setting.Default} s{(job.PerServer ? ", each server" : "")}")).Order(), rows.Order());
    }

    /// <summary>Servers of other versions read it in the scheduler's tables, and could run no job at all under another name.</summary>
    [Fact]
    public void WhatTheSchedulerRuns_KeepsItsName() =>
        Assert.Equal("PciBus.Management.Reconciliation.ScheduledJob", typeof(ScheduledJob).FullName);

    private static Comparer<Type> ByName { get; } = Comparer<Type>.Create((one, other) => string.CompareOrdinal(one.FullName, other.FullName));

    [GeneratedRegex(@"^\| `(?<name>[a-z.]+)` \| (?<interval>\d+ s(, each server)?) \|")]
    private static partial Regex Row();
}
