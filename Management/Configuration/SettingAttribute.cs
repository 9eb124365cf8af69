using PciBus.Contracts.Connection;

namespace PciBus.Management.Configuration;

/// <summary>The setting that fills a property of an options class.</summary>
/// <param name="name">
/// The last part may be a word in &lt; and &gt;, as in <c>colour.of.&lt;guid&gt;</c>: then there is one setting for each word that
/// somebody puts there, and none by default.
/// </param>
/// <param name="description">A phrase without a full stop.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingAttribute(string name, SettingCategory category, string description) : OptionAttribute(name, description)
{
    /// <summary>For a further property that the setting fills; another property describes the setting.</summary>
    public SettingAttribute(string name) : this(name, default, "")
    {
    }

    public SettingCategory Category { get; } = category;

    /// <summary>The setting before which it is listed; default: it is listed where its property stands.</summary>
    public string? Before { get; init; }

    /// <summary>A time is in days and says how long something is kept; else a time is in seconds.</summary>
    public bool IsInDays { get; init; }

    protected override SettingKind Time => IsInDays ? SettingKind.Days : SettingKind.Seconds((decimal)Min);
}
