using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;

namespace PciBus.Management.Workflows;

internal sealed class WorkflowTable : IEntityTypeConfiguration<Workflow>
{
    public void Configure(EntityTypeBuilder<Workflow> builder)
    {
        builder.ToTable("workflow");
        builder.Property(x => x.Version).IsConcurrencyToken();
        builder.HasIndex(x => x.VmId);
        builder.HasIndex(x => x.Deadline);
        builder.HasIndex(x => x.AwaitingCommandId);
        builder.HasIndex(x => x.AwaitingHostId);
    }

    /// <summary>Deletes the jobs that ended first; a workflow that is parked after its job has ended refers to it yet.</summary>
    public static Task<int> DeleteOldJobsAsync(PciBusDbContext database, DateTimeOffset before, int most, CancellationToken token) =>
        database.Set<AsyncJob>()
            .Where(row => row.Completed < before
                && !database.Set<Workflow>().Any(workflow => workflow.VmId == row.InstanceId && workflow.JobId == row.Id))
            .OrderBy(row => row.Completed)
            .Take(most)
            .ExecuteDeleteAsync(token);
}
