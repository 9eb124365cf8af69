using PciBus.Contracts.Connection;

namespace PciBus.Management.Configuration;

/// <summary>The settings that properties of options classes name with a <see cref="SettingAttribute"/>.</summary>
internal static class SettingDefinitions
{
    public static IEnumerable<SettingDefinition> Of<T>() =>
        from option in OptionProperty.Of<T>()
        let about = (SettingAttribute)option.About
        where about.Description.Length > 0
        select new SettingDefinition(about.Name, option.Default, about.Category, option.Kind, about.Description)
        {
            IsSecret = about.IsSecret,
            Before = about.Before,
        };

    /// <summary>
    /// By category; within it in the order in which they come, but a setting stands before another that its
    /// <see cref="SettingDefinition.Before"/> names.
    /// </summary>
    public static IReadOnlyList<SettingDefinition> Sorted(IEnumerable<SettingDefinition> definitions)
    {
        List<SettingDefinition> all = [.. definitions];
        return [.. from one in all
                   orderby one.Category, all.FindIndex(other => other.Name == (one.Before ?? one.Name)), one.Before is null
                   select one];
    }
}
