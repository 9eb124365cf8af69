namespace PciBus.Management.Workflows.CancelMigration;

/// <summary>Where the virtual machine was to stay.</summary>
internal sealed record CancelMigrationDocument(long SourceId);
