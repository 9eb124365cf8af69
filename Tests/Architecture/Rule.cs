using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Extensions;

namespace PciBus.Tests.Architecture;

/// <summary>Something that must hold for every type of a code base.</summary>
/// <param name="Name">As a sentence.</param>
/// <param name="Violations">What a type does against it.</param>
internal sealed record Rule(string Name, Func<CodeBase, IType, IEnumerable<string>> Violations)
{
    public override string ToString() => Name;

    /// <summary>Everything in the code base that breaks it, one line each.</summary>
    public IReadOnlyList<string> BrokenIn(CodeBase code) => [.. code.Types
        .SelectMany(type => Violations(code, type).Select(what => $"{type.FullName} {what}"))
        .Distinct()
        .Order(StringComparer.Ordinal)];

    /// <summary>A rule about what some types may not use.</summary>
    public static Rule NoUse(string name, Func<CodeBase, IType, bool> of, Func<CodeBase, IType, IType, bool> forbids) => new(
        name,
        (code, type) => of(code, type)
            ? type.GetTypeDependencies().Where(target => IsSomewhere(target) && forbids(code, type, target)).Select(target => $"uses {target.FullName}")
            : []);

    /// <summary>The compiler makes types that lie in no namespace, e.g. for arguments that are a span.</summary>
    private static bool IsSomewhere(IType target) => target.Namespace is not null;
}
