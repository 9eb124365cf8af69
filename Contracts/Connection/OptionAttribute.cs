using System.Net;

namespace PciBus.Contracts.Connection;

/// <summary>Says which text fills a property of an options class. The value of the property in a new instance is its default.</summary>
/// <param name="name">Small letters and dots.</param>
/// <param name="description">A phrase without a full stop; empty when another property of the same name has it.</param>
[AttributeUsage(AttributeTargets.Property)]
public abstract class OptionAttribute(string name, string description) : Attribute
{
    private static readonly Dictionary<Type, SettingKind> Kinds = new()
    {
        [typeof(bool)] = SettingKind.Flag,
        [typeof(long)] = SettingKind.Bytes,
        [typeof(BusAddress)] = SettingKind.Broker,
        [typeof(Uri)] = SettingKind.Web,
        [typeof(IPAddress)] = SettingKind.Address,
        [typeof(IReadOnlyList<IPAddress>)] = SettingKind.Addresses,
        [typeof(IReadOnlyList<string>)] = SettingKind.Texts,
    };

    public string Name { get; } = name;

    public string Description { get; } = description;

    /// <summary>The least number.</summary>
    public double Min { get; init; } = 1;

    /// <summary>The greatest number; a number must have one.</summary>
    public double Max { get; init; }

    /// <summary>What a text is, to follow on "allowed is".</summary>
    public string Allowed { get; init; } = "a text";

    /// <summary>The texts that are allowed; default: any.</summary>
    public string[] Values { get; init; } = [];

    /// <summary>Its value is never shown.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The property is no text, and stays as it is: the code that makes the options reads the text.</summary>
    public bool IsText { get; init; }

    /// <summary>How a time is written.</summary>
    protected abstract SettingKind Time { get; }

    /// <summary>Which values a property of a type takes.</summary>
    /// <exception cref="InvalidOperationException">There is no kind of values for the type.</exception>
    public virtual SettingKind KindOf(Type type)
    {
        var one = Nullable.GetUnderlyingType(type) ?? type;
        if (one == typeof(int)) return SettingKind.Whole((int)Min, (int)Max);
        if (one == typeof(decimal)) return SettingKind.Decimal((decimal)Min, (decimal)Max);
        if (one == typeof(TimeSpan)) return Time;
        if (one.IsEnum) return SettingKind.OneOf(one);
        if (one == typeof(string) && Values.Length > 0) return SettingKind.OneOf(Values) with { Allowed = Allowed };
        if (one == typeof(string) || IsText) return SettingKind.Text(Allowed);
        return Kinds.GetValueOrDefault(one) ?? throw new InvalidOperationException($"{Name} cannot be a {one}");
    }
}
