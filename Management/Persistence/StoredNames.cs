using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace PciBus.Management.Persistence;

/// <summary>
/// The names of enums, as the database has them. A server of a newer version wrote a name that this version does not know. Such a name is
/// read as a value of its own, different from all others; it is shown, and written back, as it was.
/// </summary>
internal static class StoredNames
{
    private static readonly ConcurrentDictionary<Enum, string> Newer = new();
    private static readonly Lock Gate = new();

    /// <summary>The name of a value, whichever version knows it.</summary>
    public static string Of(Enum value) => Newer.TryGetValue(value, out var name) ? name : value.ToString();

    /// <summary>Whether only a server of a newer version knows the value.</summary>
    public static bool IsNewer(Enum value) => Newer.ContainsKey(value);

    /// <summary>The value with a name.</summary>
    public static T Read<T>(string name) where T : struct, Enum => Enum.TryParse<T>(name, out var known) ? known : ReadNewer<T>(name);

    /// <summary>The values of an enum that only newer versions know, as far as this process has read them.</summary>
    public static IEnumerable<T> NewerOf<T>() where T : struct, Enum => Newer.Keys.OfType<T>();

    private static T ReadNewer<T>(string name) where T : struct, Enum
    {
        lock (Gate)
        {
            foreach (var (value, known) in Newer)
            {
                if (known == name && value is T one) return one;
            }

            var next = (T)Enum.ToObject(typeof(T), -1 - NewerOf<T>().Count());
            Newer[next] = name;
            return next;
        }
    }

    /// <summary>Converts a column of such names.</summary>
    internal sealed class Converter<T>() : ValueConverter<T, string>(value => Of(value), name => Read<T>(name)) where T : struct, Enum;
}
