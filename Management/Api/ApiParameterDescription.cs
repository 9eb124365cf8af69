using System.Reflection;

namespace PciBus.Management.Api;

/// <summary>A parameter of a command: the property that takes it, and what callers are told of it.</summary>
internal sealed record ApiParameterDescription(PropertyInfo Property, ApiParameterAttribute Declared)
{
    public string Name => Declared.Name;

    /// <summary>The property's type, without what makes it optional.</summary>
    public Type Type { get; } = Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    public ApiParameterKind Kind { get; } = KindOf(
        Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType, Declared.Entity is not null);

    /// <summary>Whether a name in a call means this parameter; for a map, also the name of an entry, written rightly or not.</summary>
    public bool IsNamed(string name) =>
        name.StartsWith(Name, StringComparison.OrdinalIgnoreCase)
        && (name.Length == Name.Length || (Kind == ApiParameterKind.Map && name[Name.Length] is '[' or '.'));

    private static ApiParameterKind KindOf(Type type, bool isUuid)
    {
        if (type == typeof(IReadOnlyList<string>) || type == typeof(IReadOnlyList<long>)) return ApiParameterKind.List;
        if (isUuid) return ApiParameterKind.Uuid;
        if (type == typeof(string) || type.IsEnum) return ApiParameterKind.String;
        if (type == typeof(int)) return ApiParameterKind.Integer;
        if (type == typeof(long)) return ApiParameterKind.Long;
        if (type == typeof(bool)) return ApiParameterKind.Boolean;
        if (type == typeof(DateTimeOffset)) return ApiParameterKind.Date;
        return type == typeof(IReadOnlyDictionary<string, string>)
            ? ApiParameterKind.Map
            : throw new InvalidOperationException($"No parameter can be a {type}");
    }
}

/// <summary>CloudStack's types of parameters.</summary>
internal enum ApiParameterKind
{
    String,
    Integer,
    Long,

    /// <summary><c>true</c> or <c>false</c>, in any case. Anything else is refused; CloudStack takes it for false.</summary>
    Boolean,
    Date,

    /// <summary>Comma-separated.</summary>
    List,

    /// <summary><c>name[i].key=K</c> with <c>name[i].value=V</c>, or <c>name[i].field=V</c>.</summary>
    Map,
    Uuid,
}
