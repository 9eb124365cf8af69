using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using PciBus.Agent;
using PciBus.Contracts;
using PciBus.Contracts.Connection;
using PciBus.Management;

namespace PciBus.Tests.Architecture;

/// <summary>The types of the product, and of the canaries that stand for it.</summary>
/// <param name="ManagementRoot">Namespace that plays the management server.</param>
/// <param name="ContractsRoot">Namespace that plays the contracts; within it lies the connection.</param>
/// <param name="Types">The types rules are applied to.</param>
internal sealed record CodeBase(string ManagementRoot, string ContractsRoot, IReadOnlyList<IType> Types)
{
    private static readonly Lazy<ArchUnitNET.Domain.Architecture> Loaded = new(() => new ArchLoader()
        .LoadAssemblies(typeof(Command).Assembly, typeof(Envelope).Assembly, typeof(Refusal).Assembly, typeof(AgentNode).Assembly, typeof(CodeBase).Assembly)
        .Build());

    public static string Management { get; } = typeof(Refusal).Namespace!;

    public static string Contracts { get; } = typeof(Command).Namespace!;

    private static string Connection { get; } = typeof(Envelope).Namespace![(Contracts.Length + 1)..];

    public static string Agent { get; } = typeof(AgentNode).Namespace!;

    /// <summary>What is shipped.</summary>
    public static CodeBase Product { get; } = new(Management, Contracts, Under(Management, Contracts, Agent));

    /// <summary>Classes that each break one rule, in namespaces arranged like the product's.</summary>
    public static CodeBase Canaries { get; } = new(
        $"{typeof(CodeBase).Namespace}.Canaries", $"{typeof(CodeBase).Namespace}.Canaries.Contracts", Under($"{typeof(CodeBase).Namespace}.Canaries"));

    /// <summary>The part of the management server a namespace belongs to, e.g. <c>Hosts</c>; null outside it, empty at its root.</summary>
    public string? AreaOf(string @namespace)
    {
        foreach (var root in new[] { ManagementRoot, Management })
        {
            if (@namespace == root) return "";
            if (@namespace.StartsWith($"{root}.", StringComparison.Ordinal)) return @namespace[(root.Length + 1)..];
        }

        return null;
    }

    /// <summary>Whether both sides speak it.</summary>
    public bool IsContract(IType type) => IsUnder(type.Namespace.FullName, ContractsRoot) && !IsOfTheConnection(type);

    /// <summary>Whether both sides reach the broker by it, or read their settings.</summary>
    public bool IsOfTheConnection(IType type) => IsUnder(type.Namespace.FullName, $"{ContractsRoot}.{Connection}");

    /// <summary>Area of a namespace of the product, e.g. of <c>typeof(Host)</c>.</summary>
    public static string Area<T>() => typeof(T).Namespace![(Management.Length + 1)..];

    private static IReadOnlyList<IType> Under(params string[] roots) => [.. Loaded.Value.Types
        .Where(type => roots.Any(root => IsUnder(type.Namespace.FullName, root)))
        .Where(type => !type.FullName.Contains('<', StringComparison.Ordinal) && !type.FullName.Contains("Microsoft.CodeAnalysis", StringComparison.Ordinal))];

    public static bool IsUnder(string @namespace, string root) =>
        @namespace == root || @namespace.StartsWith($"{root}.", StringComparison.Ordinal);
}
