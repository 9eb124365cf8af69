using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Jobs;

internal sealed class AsyncJobTable : IEntityTypeConfiguration<AsyncJob>
{
    public void Configure(EntityTypeBuilder<AsyncJob> builder)
    {
        builder.ToTable("async_job");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => new { x.InstanceType, x.InstanceId, x.JobStatus });
        builder.HasIndex(x => x.AccountId);
        builder.HasIndex(x => x.Completed);
    }
}
