using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.VirtualMachines;

internal sealed class VirtualMachineTable : IEntityTypeConfiguration<VirtualMachine>
{
    public void Configure(EntityTypeBuilder<VirtualMachine> builder)
    {
        builder.ToTable("vm_instance");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.Property(x => x.UpdateCount).IsConcurrencyToken();
        builder.HasIndex(x => x.Name);
        builder.HasIndex(x => x.HostId);
        builder.HasIndex(x => x.State);
        builder.HasIndex(x => x.ServiceOfferingId);
        builder.HasIndex(x => x.AccountId);
        builder.HasIndex(x => x.RestartAt);
        builder.HasIndex(x => x.RepairAt);
        builder.HasIndex(x => x.DegradedSince).HasFilter("degraded_since IS NOT NULL");
        builder.HasIndex(x => x.WorkflowId).HasFilter("workflow_id IS NOT NULL");
    }
}
