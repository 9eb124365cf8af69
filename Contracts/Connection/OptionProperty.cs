using System.Reflection;

namespace PciBus.Contracts.Connection;

/// <summary>A property of an options class that a text fills.</summary>
/// <param name="Default">The text of its value in a new instance; empty when that is nothing.</param>
public sealed record OptionProperty(PropertyInfo Property, OptionAttribute About, SettingKind Kind, string Default)
{
    public string Name => About.Name;

    public string Allowed => Kind.Allowed;

    public string Description => About.Description;

    /// <summary>Those of an options class, with those of options classes within it, in their order.</summary>
    public static IReadOnlyList<OptionProperty> Of<T>() => [.. In(typeof(T))];

    /// <summary>Makes options.</summary>
    /// <param name="textOf">The text of a property; null: it keeps its default.</param>
    /// <param name="refuse">Called for a property whose text is not allowed; it keeps its default.</param>
    public static T Fill<T>(Func<OptionProperty, string?> textOf, Action<OptionProperty> refuse) => (T)Fill(typeof(T), textOf, refuse);

    private static object Fill(Type type, Func<OptionProperty, string?> textOf, Action<OptionProperty> refuse)
    {
        var options = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties())
        {
            if (IsOptions(property.PropertyType)) property.SetValue(options, Fill(property.PropertyType, textOf, refuse));
            if (OptionOf(property, options) is not { About.IsText: false } option || textOf(option) is not { } text) continue;
            if (option.Kind.TryRead(text, out var value)) property.SetValue(options, value);
            else refuse(option);
        }

        return options;
    }

    private static IEnumerable<OptionProperty> In(Type type)
    {
        var defaults = Activator.CreateInstance(type)!;
        return type.GetProperties().OrderBy(property => property.MetadataToken).SelectMany(property =>
            IsOptions(property.PropertyType) ? In(property.PropertyType) : OptionOf(property, defaults) is { } option ? [option] : []);
    }

    private static bool IsOptions(Type type) => type.GetProperties().Any(property => property.IsDefined(typeof(OptionAttribute)));

    private static OptionProperty? OptionOf(PropertyInfo property, object defaults)
    {
        if (property.GetCustomAttribute<OptionAttribute>() is not { } about) return null;
        var (kind, value) = (about.KindOf(property.PropertyType), about.IsText ? null : property.GetValue(defaults));
        return new OptionProperty(property, about, kind, value is null ? "" : kind.Write(value));
    }
}
