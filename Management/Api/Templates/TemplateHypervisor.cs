namespace PciBus.Management.Api.Templates;

/// <summary>Hypervisors a template can be for.</summary>
internal enum TemplateHypervisor
{
    KVM,
}
