using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Extensions;

namespace PciBus.Tests.Architecture;

/// <summary>The rules of the house, as one table.</summary>
internal static partial class Rules
{
    private const int MostParameters = 7;

    /// <summary>What an edge may use of the others: the runner of workflows and what feeds it, and the API's commands.</summary>
    private static readonly HashSet<(string From, string To)> EdgeExceptions =
        [(Areas.Bus, Areas.Workflows), (Areas.Api, Areas.Workflows), (Areas.Web, Areas.Api)];

    public static IReadOnlyList<Rule> All { get; } =
    [
        Rule.NoUse(
            "Contracts use the base library only",
            (code, type) => code.IsContract(type),
            (code, _, target) => !code.IsContract(target) && !CodeBase.IsUnder(target.Namespace.FullName, nameof(System)) && !IsCompilers(target)),
        Rule.NoUse(
            "Contracts do not know the connection",
            (code, type) => code.IsContract(type),
            (_, _, target) => CodeBase.Product.IsOfTheConnection(target)),
        Rule.NoUse(
            "The connection knows commands and answers, and no message by its name",
            (code, type) => code.IsOfTheConnection(type),
            (_, _, target) => CodeBase.Product.IsContract(target) && target is not Class { IsAbstract: true }),
        Rule.NoUse(
            "The connection knows neither of its sides",
            (code, type) => code.IsOfTheConnection(type),
            (_, _, target) => CodeBase.IsUnder(target.Namespace.FullName, CodeBase.Agent) || CodeBase.IsUnder(target.Namespace.FullName, CodeBase.Management)),
        Rule.NoUse(
            "Management knows the agent in its embedded hosts only",
            (code, type) => Areas.Of(code, type) is not null && code.AreaOf(type.Namespace.FullName) != Areas.EmbeddedHosts,
            (_, _, target) => CodeBase.IsUnder(target.Namespace.FullName, CodeBase.Agent)),
        Rule.NoUse(
            "The agent does not know management",
            (_, type) => CodeBase.IsUnder(type.Namespace.FullName, CodeBase.Agent) || type.Namespace.FullName.EndsWith("Canaries.Agent", StringComparison.Ordinal),
            (_, _, target) => CodeBase.IsUnder(target.Namespace.FullName, CodeBase.Management)),
        Rule.NoUse(
            "Capabilities use no edge and no setup",
            Areas.IsCapability,
            (code, _, target) => Areas.Of(code, target) is { } area && (Areas.Edges.Contains(area) || area == Areas.Setup)),
        Rule.NoUse(
            "Edges do not use each other",
            (code, type) => Areas.Edges.Contains(Areas.Of(code, type)),
            (code, type, target) => Areas.Of(code, target) is { } area && Areas.Edges.Contains(area) && area != Areas.Of(code, type)
                && !EdgeExceptions.Contains((Areas.Of(code, type)!, area))),
        Rule.NoUse(
            "Only setup knows setup",
            (code, type) => Areas.Of(code, type) is { } area && area != Areas.Setup && area.Length > 0,
            (code, _, target) => Areas.Of(code, target) == Areas.Setup),
        .. Areas.Levels.SkipLast(1).SelectMany(level => level).Select(area => Rule.NoUse(
            $"{area} knows of the house what is below it",
            (code, type) => Areas.Of(code, type) == area,
            (code, _, target) => Areas.Of(code, target) is { } other && other != area && Areas.LevelOf(other) >= Areas.LevelOf(area))),
        Rule.NoUse(
            "Hosts know neither how they join nor how they are emptied",
            (code, type) => code.AreaOf(type.Namespace.FullName) == Areas.Hosts,
            (code, _, target) => Areas.BesideHosts.Contains(code.AreaOf(target.Namespace.FullName))),
        Rule.NoUse(
            "Of the folders of hosts each knows those below it",
            (code, type) => HostFolderOf(code, type) is not null,
            (code, type, target) => HostFolderOf(code, target) is { } folder && folder != HostFolderOf(code, type)
                && Areas.HostFolders[folder] >= Areas.HostFolders[HostFolderOf(code, type)!]),
        Rule.NoUse(
            "The capacity of hosts does not know what takes it",
            (code, type) => code.AreaOf(type.Namespace.FullName) == Areas.HostCapacity,
            (code, _, target) => Areas.Of(code, target) is { } area && (area == Areas.VirtualMachines || area == Areas.ServiceOfferings)),
        Rule.NoUse(
            "In a capability only managers and tables know EF Core",
            (code, type) => Areas.IsCapability(code, type) && !KnowsTheDatabase(type),
            (_, _, target) => IsTheDatabase(target)),
        Rule.NoUse(
            "Jobs call managers and do not know EF Core",
            (code, type) => Areas.Of(code, type) is not null && type.Name.EndsWith("Job", StringComparison.Ordinal),
            (_, _, target) => IsTheDatabase(target)),
        Rule.NoUse(
            "Only the bus edge knows the bus",
            (code, type) => Areas.Of(code, type) is { } area && area != Areas.Bus && area != Areas.Setup,
            (_, _, target) => IsOf(target, typeof(MassTransit.IBus))),
        Rule.NoUse(
            "Only setup knows the scheduler, and a job of its own how it is run",
            (code, type) => Areas.Of(code, type) is { } area && area != Areas.Setup
                && !(area == Areas.Reconciliation && type.ImplementedInterfaces.Any(one => one.FullName == typeof(Quartz.IJob).FullName)),
            (_, _, target) => IsOf(target, typeof(Quartz.IJob))),
        Rule.NoUse(
            "Only the HTTP edges know HTTP",
            (code, type) => Areas.Of(code, type) is { } area && area != Areas.Api && area != Areas.Web && area != Areas.Setup && area.Length > 0,
            (_, _, target) => target.Namespace.FullName.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)),
        new Rule("Classes are internal, and sealed unless abstract", (code, type) =>
            Areas.Of(code, type) is not null && type is Class { IsAbstract: not true } one && (one.IsSealed != true || one.Visibility == Visibility.Public)
                ? ["is not internal sealed"]
                : []),
        new Rule("No type is named after having no name", (_, type) => EmptyName().IsMatch(type.Name) ? ["has a name that says nothing"] : []),
        new Rule("No namespace is named after having no name", (_, type) =>
            type.Namespace.FullName.Split('.').Any(part => EmptyName().IsMatch(part)) ? ["is in a folder whose name says nothing"] : []),
        new Rule($"Constructors take {MostParameters} parameters at most", (code, type) =>
            type is Class one && one.IsRecord != true && Areas.Of(code, type) is not null
                ? one.GetConstructors().Where(constructor => constructor.Parameters.Count() > MostParameters)
                    .Select(constructor => $"takes {constructor.Parameters.Count()} parameters")
                : []),
    ];

    private static string? HostFolderOf(CodeBase code, IType type) =>
        code.AreaOf(type.Namespace.FullName) is { } area && Areas.HostFolders.ContainsKey(area) ? area : null;

    private static bool KnowsTheDatabase(IType type) =>
        type.Name.EndsWith("Manager", StringComparison.Ordinal) || type.Name.EndsWith("Table", StringComparison.Ordinal);

    private static bool IsTheDatabase(IType target) =>
        IsOf(target, typeof(Microsoft.EntityFrameworkCore.DbContext)) || target.Name == "PciBusDbContext";

    private static bool IsOf(IType target, Type library) =>
        CodeBase.IsUnder(target.Namespace.FullName, library.Namespace!);

    private static bool IsCompilers(IType target) => target.FullName.Contains('<', StringComparison.Ordinal)
        || target.Namespace.FullName.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal) || target.Namespace.FullName.Length == 0;

    [GeneratedRegex("(?:Helper|Helpers|Util|Utils|Utilities|Common|Misc|Base|Impl|Dto)(?:`\\d+)?$")]
    private static partial Regex EmptyName();
}
