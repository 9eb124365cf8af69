using System.Reflection;
using PciBus.Contracts.PciDevices;

namespace PciBus.Tests.Contracts;

/// <summary>Fills every property of a message, always with the same values; a value tells which property it belongs to.</summary>
internal static class ObjectFiller
{
    private static readonly DateTimeOffset Moment = new(2026, 3, 1, 12, 30, 15, 250, TimeSpan.Zero);

    public static object Fill(Type type)
    {
        var message = Activator.CreateInstance(type)!;
        var number = 0;
        foreach (var property in Properties(type)) property.SetValue(message, ValueOf(property.PropertyType, property.Name, ++number));
        return message;
    }

    /// <summary>Inherited ones first, in the order they are declared.</summary>
    private static IEnumerable<PropertyInfo> Properties(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanWrite)
        .OrderBy(property => property.DeclaringType == type ? 1 : 0);

    private static object ValueOf(Type type, string name, int number)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return $"the {name}";
        if (type == typeof(bool)) return true;
        if (type == typeof(int)) return 10 + number;
        if (type == typeof(long)) return 5_000_000_000L + number;
        if (type == typeof(Guid)) return new Guid(number, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        if (type == typeof(DateTimeOffset)) return Moment.AddSeconds(number);
        if (type == typeof(PciAddress)) return new PciAddress((uint)number << 16, 0x28, 0x1f, 7);
        if (type.IsEnum) return Enum.GetValues(type).GetValue(1)!;
        if (type == typeof(IReadOnlyDictionary<string, string>)) return new Dictionary<string, string> { ["key"] = $"the {name}" };
        if (!type.IsGenericType) return Fill(type);
        var element = type.GetGenericArguments()[0];
        var list = Array.CreateInstance(element, 1);
        list.SetValue(ValueOf(element, name, number), 0);
        return list;
    }
}
