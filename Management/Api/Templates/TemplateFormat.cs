namespace PciBus.Management.Api.Templates;

/// <summary>Image formats that KVM hosts start from.</summary>
internal enum TemplateFormat
{
    QCOW2,
    RAW,
}
