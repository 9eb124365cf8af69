namespace PciBus.Management.Api;

/// <summary>Makes a property a parameter of its command. Its type follows from the property's.</summary>
/// <param name="name">In lower case; callers may write it in any case.</param>
/// <param name="description">A phrase for callers.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ApiParameterAttribute(string name, string description) : Attribute
{
    public string Name => name;

    public string Description => description;

    public bool Required { get; set; }

    /// <summary>Required, but an empty value means something.</summary>
    public bool MayBeEmpty { get; set; }

    /// <summary>Of a date: the moment is the end of what the text names, e.g. of the whole day.</summary>
    public bool IsEnd { get; set; }

    /// <summary>The entity whose uuid it takes; the property gets its id. Null for other parameters.</summary>
    public Type? Entity { get; set; }

    /// <summary>Characters a text may have. Default 255, CloudStack's.</summary>
    public int MaxLength { get; set; } = 255;
}
