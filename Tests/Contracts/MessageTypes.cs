using PciBus.Contracts;

namespace PciBus.Tests.Contracts;

/// <summary>Everything that is sent over the bus.</summary>
internal static class MessageTypes
{
    public static IReadOnlyList<Type> All { get; } = [.. typeof(Command).Assembly.GetTypes()
        .Where(type => !type.IsAbstract && (type.IsSubclassOf(typeof(Command)) || type.IsSubclassOf(typeof(Answer))))
        .OrderBy(type => type.FullName, StringComparer.Ordinal)];

    public static Type Named(string name) => All.Single(type => type.Name == name);
}
