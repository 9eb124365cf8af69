namespace PciBus.Tests.Support;

/// <summary>Some value of a type: never null, and a collection is never empty.</summary>
internal static class SampleValue
{
    public static object Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return "sample";
        if (type == typeof(DateTimeOffset)) return new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        if (type == typeof(Guid)) return Guid.Parse("01020304-0506-0708-090a-0b0c0d0e0f10");
        if (type == typeof(bool)) return true;
        if (type.IsEnum) return Enum.GetValues(type).GetValue(0)!;
        if (type.IsPrimitive || type == typeof(decimal)) return Convert.ChangeType(7, type, System.Globalization.CultureInfo.InvariantCulture);
        return ElementOf(type) is { } element ? ArrayOf(element, type) : Activator.CreateInstance(type)!;
    }

    private static Type? ElementOf(Type type) => type.IsArray
        ? type.GetElementType()
        : type.GetInterfaces().Prepend(type)
            .FirstOrDefault(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0];

    private static object ArrayOf(Type element, Type wanted)
    {
        var array = Array.CreateInstance(element, 2);
        array.SetValue(Of(element), 0);
        array.SetValue(Of(element), 1);
        return wanted.IsInstanceOfType(array) ? array : Activator.CreateInstance(typeof(List<>).MakeGenericType(element), array)!;
    }
}
