namespace PciBus.Management.Workflows.CancelMigration;

internal enum CancelMigrationStep
{
    Begin,
}
