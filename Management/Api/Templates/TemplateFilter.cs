namespace PciBus.Management.Api.Templates;

/// <summary>Which templates are listed; CloudStack's words. All templates are public, none is featured or shared.</summary>
internal enum TemplateFilter
{
    Featured,
    Self,
    SelfExecutable,
    SharedExecutable,
    Executable,
    Community,
    All,
}
