namespace PciBus.Management.Templates;

/// <summary>Registers templates.</summary>
internal static class TemplatesSetup
{
    public static IServiceCollection AddTemplates(this IServiceCollection services) => services
        .AddScoped<TemplateManager>();
}
