using Newtonsoft.Json.Linq;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Tests.EndToEnd;
using Xunit;

namespace PciBus.Tests.Nemesis;

/// <summary>
/// Highly available virtual machines that nobody touches, at first one on each host: they run at the end, and no fault but the
/// death of a host has started them again.
/// </summary>
internal sealed class Residents(Cluster cluster)
{
    private static readonly TimeSpan Answered = TimeSpan.FromMinutes(1);
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
            await Condition.BecomesTrueAsync(
                async () => (accepted = await scene.Api.TryCallAsync(
                    "deployVirtualMachine", ("name", name), ("zoneid", scene.ZoneId), ("templateid", scene.TemplateId),
                    ("serviceofferingid", scene.OfferingId), ("hostid", (string)host["id"]!))) is not null,
                Answered, () => $"nobody answers for {name}", default);
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

    public void AreWell(int deathsDeclared)
    {
        Assert.Empty(cluster.Judge.Rows("SELECT name FROM vm_instance WHERE name LIKE 'resident%' AND state <> 'Running'").Except(_mayBeStopped));
        Assert.Equal(deathsDeclared > 0, Restarts > 0);
    }
}
