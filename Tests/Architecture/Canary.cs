namespace PciBus.Tests.Architecture;

/// <summary>Which canary belongs to which rule, in the order of the table.</summary>
internal static class Canary
{
    private static readonly IReadOnlyList<Type> InOrder =
    [
        typeof(Canaries.Contracts.UsesTheBus),
        typeof(Canaries.Contracts.KnowsTheConnection),
        typeof(Canaries.Contracts.Connection.KnowsAMessage),
        typeof(Canaries.Contracts.Connection.KnowsASide),
        typeof(Canaries.Hosts.KnowsTheAgent),
        typeof(Canaries.Agent.KnowsManagement),
        typeof(Canaries.Hosts.UsesAnEdge),
        typeof(Canaries.Api.UsesTheBusEdge),
        typeof(Canaries.Persistence.KnowsSetup),
        typeof(Canaries.Configuration.KnowsPersistence),
        typeof(Canaries.Persistence.KnowsAccounts),
        typeof(Canaries.Accounts.KnowsEvents),
        typeof(Canaries.Events.KnowsJobs),
        typeof(Canaries.Jobs.KnowsReconciliation),
        typeof(Canaries.Reconciliation.KnowsHosts),
        typeof(Canaries.Places.KnowsHosts),
        typeof(Canaries.Hosts.KnowsServiceOfferings),
        typeof(Canaries.ServiceOfferings.KnowsVirtualMachines),
        typeof(Canaries.Templates.KnowsServiceOfferings),
        typeof(Canaries.VirtualMachines.KnowsPciDevices),
        typeof(Canaries.PciDevices.KnowsDeployment),
        typeof(Canaries.Deployment.KnowsDrain),
        typeof(Canaries.Hosts.KnowsJoining),
        typeof(Canaries.Hosts.Liveness.KnowsFencing),
        typeof(Canaries.Hosts.Capacity.KnowsVirtualMachines),
        typeof(Canaries.Hosts.QueriesInAnAsyncMethod),
        typeof(Canaries.Workflows.QueriesJob),
        typeof(Canaries.Persistence.KnowsTheBus),
        typeof(Canaries.Reconciliation.StopsTheScheduler),
        typeof(Canaries.Workflows.KnowsHttp),
        typeof(Canaries.Hosts.CanBeInherited),
        typeof(Canaries.Hosts.PciHelper),
        typeof(Canaries.Common.HasAGoodName),
        typeof(Canaries.Hosts.TakesTooMuch),
    ];

    public static string Of(IReadOnlyList<Rule> rules, string name) =>
        InOrder[rules.Select((rule, i) => (rule, i)).Single(pair => pair.rule.Name == name).i].FullName!;
}
