using PciBus.Management.Configuration;

namespace PciBus.Management.Api.Configurations;

[ApiCommand("listConfigurations", "Lists the settings of the server that answers", Response = typeof(ConfigurationResponse))]
internal sealed class ListConfigurationsCmd(IReadOnlyList<ConfiguredSetting> settings) : ApiListCommand
{
    [ApiParameter("name", "the setting's name")]
    public string? Name { get; set; }

    [ApiParameter("category", "settings of this category, e.g. Hosts")]
    public SettingCategory? Category { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var matching = settings
            .Where(setting => string.IsNullOrEmpty(Name) || setting.Name.Equals(Name, StringComparison.OrdinalIgnoreCase))
            .Where(setting => Category is not { } category || setting.Definition.Category == category)
            .Where(setting => Word is not { } word || setting.Name.Contains(word, StringComparison.OrdinalIgnoreCase));
        return Task.FromResult(List([.. matching.Select(Describe)]));
    }

    private static ConfigurationResponse Describe(ConfiguredSetting setting) => new()
    {
        Name = setting.Name,
        Value = setting.Shown,
        DefaultValue = setting.Definition.Default,
        Source = setting.Source,
        Category = setting.Definition.Category,
        Description = setting.Definition.Description,
        Type = setting.Definition.Kind.Type,
        Allowed = setting.Definition.Kind.Allowed,
        IsSecret = setting.Definition.IsSecret,
    };
}
