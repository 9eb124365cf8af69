using Newtonsoft.Json.Linq;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Nemesis;

/// <summary>
/// Highly available virtual machines that nobody touches, at first one on each host: they run at the end, and no fault but the
/// death of a host has started them again.
/// </summary>
internal sealed class Residents(NemesisCluster cluster)
{
    private static readonly TimeSpan Answered = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(45);
    private readonly Dictionary<Guid, string> _names = [];
    private readonly HashSet<string> _mayBeStopped = [];

    /// <summary>How often they were started again, by the hosts' own logs.</summary>
    public int Restarts => cluster.Agents
        .SelectMany(agent => AttachmentLog.Read(Path.Combine(agent.Folder, "simulator", "attachments.log")))
        .Count(line => line.Event == Attachment.Start && _names.ContainsKey(line.Domain)) - _names.Count;

    public async Task MoveInAsync(TestScene scene)
    {
        foreach (var host in (await scene.Api.CallAsync("listHosts"))["host"]!)
        {
            var name = $"resident{_names.Count + 1}";
            JObject? accepted = null;
            // The first requests of a server take long. One whose answer was lost makes a resident that nobody counts.
            await Patience.UntilAsync(
                async () => (accepted = await scene.Api.TryCallAsync(
                    "deployVirtualMachine", ("name", name), ("zoneid", scene.ZoneId), ("templateid", scene.TemplateId),
                    ("serviceofferingid", scene.OfferingId), ("hostid", (string)host["id"]!))) is not null,
                Answered, cluster.LastSeen, default, $"a server takes the request for {name}");
            await scene.Api.WaitAsync((string)accepted!["jobid"]!);
            _names.Add(Guid.Parse((string)accepted["id"]!), name);
        }
    }

    /// <summary>The hosts that they live on.</summary>
    public IReadOnlyList<AgentProcess> Hosts()
    {
        var hosts = cluster.Judge.Rows("SELECT h.name FROM vm_instance v JOIN host h ON h.id = v.host_id WHERE v.name LIKE 'resident%'");
        return hosts.Count == 0 ? cluster.Agents : [.. cluster.Agents.Where(agent => hosts.Contains(agent.Host))];
    }

    public IReadOnlyList<string> On(AgentProcess agent) => cluster.Judge.Rows(
        $"SELECT v.name FROM vm_instance v JOIN host h ON h.id = v.host_id WHERE v.name LIKE 'resident%' AND h.name = '{agent.Host}'");

    /// <summary>Their host lost its power and came back before anybody had said so: nothing starts them again.</summary>
    public void MayBeStopped(IEnumerable<string> names) => _mayBeStopped.UnionWith(names);

    /// <summary>
    /// Waits until all run that must, and until some have been started again if a host died: between an end and the start that
    /// follows nothing is under way.
    /// </summary>
    public async Task BecomeWellAsync(int deathsDeclared, CancellationToken cancellationToken)
    {
        await Patience.UntilAsync(
            () => !Stopped().Except(_mayBeStopped).Any() && (deathsDeclared == 0 || Restarts > 0),
            Settled,
            () => $"stopped: {string.Join(", ", Stopped())}; {Restarts} restarts; {string.Join("; ", Alerts())}",
            cancellationToken,
            $"the residents are well after {deathsDeclared} deaths");
        if (deathsDeclared == 0) Assert.Equal(0, Restarts);
    }

    private IReadOnlyList<string> Alerts() =>
        cluster.Judge.Rows("SELECT type || ' ' || subject || ': ' || body FROM alert WHERE resolved IS NULL AND type IN ('RestartFailed', 'VirtualMachineSighted')");

    private IReadOnlyList<string> Stopped() =>
        cluster.Judge.Rows("SELECT name FROM vm_instance WHERE name LIKE 'resident%' AND state <> 'Running'");
}
