using ArchUnitNET.Domain;
using PciBus.Management.Accounts;
using PciBus.Management.Bus;
using PciBus.Management.Configuration;
using PciBus.Management.Deployment;
using PciBus.Management.Drain;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.Reconciliation;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.Setup;
using PciBus.Management.Setup.Embedded;
using PciBus.Management.Templates;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;

namespace PciBus.Tests.Architecture;

/// <summary>The parts of the management server.</summary>
internal static class Areas
{
    public static readonly string Bus = CodeBase.Area<AgentMessages>();
    public static readonly string Workflows = CodeBase.Area<WorkflowRunner>();
    public static readonly string Reconciliation = CodeBase.Area<ReconciliationRunner>();
    public static readonly string Persistence = CodeBase.Area<PciBusDbContext>();
    public static readonly string VirtualMachines = CodeBase.Area<VirtualMachine>();
    public static readonly string PciDevices = CodeBase.Area<PciDevice>();
    public static readonly string Places = CodeBase.Area<Zone>();
    public static readonly string Events = CodeBase.Area<Event>();
    public static readonly string ServiceOfferings = CodeBase.Area<ServiceOffering>();
    public static readonly string Hosts = CodeBase.Area<Host>();
    public const string Api = "Api";
    public const string Web = "Web";
    public static readonly string Setup = typeof(CapabilitiesSetup).Namespace![(CodeBase.Management.Length + 1)..];

    /// <summary>The folder that starts agents in the process of management.</summary>
    public static readonly string EmbeddedHosts = typeof(EmbeddedHosts).Namespace![(CodeBase.Management.Length + 1)..];

    /// <summary>What there is in the house, from the ground up: each knows those of the levels below its own. Above them are the edges.</summary>
    public static readonly IReadOnlyList<IReadOnlyList<string>> Levels =
    [
        [CodeBase.Area<ConfiguredSetting>()],
        [Persistence],
        [CodeBase.Area<Account>()],
        [Events],
        [CodeBase.Area<AsyncJob>()],
        [Reconciliation],
        [Places],
        [Hosts],
        [ServiceOfferings, CodeBase.Area<Template>()],
        [VirtualMachines],
        [PciDevices],
        [CodeBase.Area<DeploymentPlan>()],
        [CodeBase.Area<DrainPlan>()],
    ];

    /// <summary>Persistence apart, which is of every capability and none.</summary>
    public static readonly IReadOnlyList<string> Capabilities = [.. Levels.SelectMany(level => level).Where(area => area != Persistence)];

    public static readonly string HostCapacity = CodeBase.Area<HostCapacityManager>();

    /// <summary>The folders of hosts: each may know those of a lower number.</summary>
    public static readonly IReadOnlyDictionary<string, int> HostFolders = new Dictionary<string, int>
    {
        [HostCapacity] = 1,
        [CodeBase.Area<HostLiveness>()] = 2,
        [CodeBase.Area<FencingAttempt>()] = 3,
        [CodeBase.Area<HostJoinToken>()] = 3,
        [CodeBase.Area<HostMaintenance>()] = 3,
    };

    /// <summary>What hosts themselves are built without.</summary>
    public static readonly IReadOnlyList<string> BesideHosts = [CodeBase.Area<HostJoinToken>(), CodeBase.Area<HostMaintenance>()];

    public static readonly IReadOnlyList<string> Edges = [Bus, Workflows, Api, Web];

    /// <summary>The first part of a type's area: <c>Workflows</c> for all workflows; null outside the management server.</summary>
    public static string? Of(CodeBase code, IType type) => code.AreaOf(type.Namespace.FullName)?.Split('.')[0];

    /// <summary>The level of a part of the house; null for an edge, and what is above.</summary>
    public static int? LevelOf(string? area) => Levels.Select((level, i) => (level, i)).Where(one => one.level.Contains(area))
        .Select(one => (int?)one.i).SingleOrDefault();

    public static bool IsCapability(CodeBase code, IType type) => Of(code, type) is { } area && Capabilities.Contains(area);
}
