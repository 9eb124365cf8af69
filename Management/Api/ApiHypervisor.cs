namespace PciBus.Management.Api;

/// <summary>What hosts run, and templates are for.</summary>
internal enum ApiHypervisor
{
    KVM,
}
