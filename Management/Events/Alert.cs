using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PciBus.Management.Persistence;

namespace PciBus.Management.Events;

/// <summary>Something an operator must look at, until it is resolved.</summary>
internal sealed class Alert
{
    public long Id { get; set; }
    public Guid Uuid { get; set; }
    public AlertType Type { get; set; }

    /// <summary>One line; with <see cref="Type"/> and the host it tells alerts apart.</summary>
    public required string Subject { get; set; }
    public required string Body { get; set; }
    public long? HostId { get; set; }
    public long? VmId { get; set; }
    public DateTimeOffset Created { get; set; }

    /// <summary>When its cause went away, or an operator archived it; null while it stands.</summary>
    public DateTimeOffset? Resolved { get; set; }
}

internal sealed class AlertTable : IEntityTypeConfiguration<Alert>
{
    public void Configure(EntityTypeBuilder<Alert> builder)
    {
        builder.ToTable("alert");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.HostId);
        builder.HasIndex(x => x.Created);
        builder.HasIndex(x => x.Resolved);
    }

    /// <summary>Deletes the alerts that were resolved first.</summary>
    public static Task<int> DeleteOldAsync(PciBusDbContext database, DateTimeOffset before, int most, CancellationToken token) =>
        database.Set<Alert>().Where(row => row.Resolved < before).OrderBy(row => row.Resolved).Take(most).ExecuteDeleteAsync(token);
}

/// <summary>CloudStack's event levels.</summary>
internal enum EventLevel
{
    INFO,
    WARN,
    ERROR,
}
