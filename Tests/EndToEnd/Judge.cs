using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using PciBus.Agent.Hypervisor.Simulated;

namespace PciBus.Tests.EndToEnd;

/// <summary>
/// Says what is wrong with a cluster. What ran where it knows from the simulated hosts' own logs, not from the product's
/// tables; the tables are then held against it.
/// </summary>
/// <param name="hosts">Folders of the simulated hosts, named after them.</param>
/// <param name="connect">Opens a connection to the product's database.</param>
internal sealed class Judge(IReadOnlyList<string> hosts, Func<DbConnection> connect)
{
    /// <summary>For the embedded mode.</summary>
    public Judge(ManagementProcess management)
        : this(
            Directory.GetDirectories(Path.Combine(management.DataFolder, "hosts")),
            () =>
            {
                var connection = new SqliteConnection($"Data Source={management.Database};Mode=ReadOnly");
                connection.Open();
                return connection;
            })
    {
    }

    /// <summary>Everything that is wrong at any time, whatever is under way.</summary>
    public IReadOnlyList<string> Wrongs() => Wrongs(new Truth());

    private List<string> Wrongs(Truth truth)
    {
        var wrongs = new List<string>();
        // Before the logs: what was released by now has left its domain by now.
        var releases = Releases();
        foreach (var host in hosts)
        {
            var log = Path.Combine(host, "simulator", "attachments.log");
            if (File.Exists(log)) Replay(Path.GetFileName(host), AttachmentLog.Read(log), wrongs, truth);
        }

        wrongs.AddRange(truth.Lives.SelectMany(TwoAtOnce));
        wrongs.AddRange(releases
            .Where(release => truth.Holds.Any(hold => hold.Has(release.Host, release.Device, release.Vm, release.At)))
            .Select(release => $"{release.Host} {release.Device} was released by {release.Vm}, which had it"));
        wrongs.AddRange(Rows("""
            SELECT d.id || ' is owned by ' || v.name || ', which is ' || v.state FROM op_host_pci_devices d JOIN vm_instance v ON v.id = d.instance_id
            WHERE v.state NOT IN ('Starting', 'Running', 'Stopping', 'Migrating') AND v.workflow_id IS NULL
            """));
        wrongs.AddRange(Rows("""
            SELECT 'capacity of host ' || c.host_id || ' is ' || c.cpu_used || ', its rows are ' || coalesce(sum(v.cpu), 0)
            FROM op_host_capacity c LEFT JOIN op_host_capacity_vm v ON v.host_id = c.host_id GROUP BY c.host_id
            HAVING c.cpu_used <> coalesce(sum(v.cpu), 0) OR c.ram_used <> coalesce(sum(v.ram), 0)
            """));
        return wrongs;
    }

    /// <summary>Everything that is wrong once nothing is under way any more.</summary>
    public IReadOnlyList<string> WrongsAtRest()
    {
        var truth = new Truth();
        var wrongs = Wrongs(truth);
        var recorded = Rows("""
            SELECT lower(CAST(v.uuid AS text)) || ' on ' || h.name || ' with ' || count(d.id) || ' devices' FROM vm_instance v JOIN host h ON h.id = v.host_id
            LEFT JOIN op_host_pci_devices d ON d.instance_id = v.id AND d.host_id = v.host_id WHERE v.state = 'Running' GROUP BY v.uuid, h.name
            """);
        wrongs.AddRange(recorded.Except(truth.Running).Select(line => $"recorded, and not so: {line}"));
        wrongs.AddRange(truth.Running.Except(recorded).Select(line => $"so, and not recorded: {line}"));
        wrongs.AddRange(Rows("SELECT 'job ' || job_cmd || ' ' || uuid || ' has not ended' FROM async_job WHERE job_status = 'InProgress'"));
        wrongs.AddRange(Rows("SELECT 'workflow ' || id || ' ' || kind || ' is in ' || step FROM workflow"));
        wrongs.AddRange(Rows("SELECT name || ' is ' || state FROM vm_instance WHERE state NOT IN ('Running', 'Stopped', 'Destroyed', 'Expunging')"));
        wrongs.AddRange(Rows("SELECT 'unsent ' || message_type FROM outbox_message"));
        wrongs.AddRange(Rows("""
            SELECT v.name || ' is degraded, and no alert says so' FROM vm_instance v WHERE v.degraded_since IS NOT NULL AND v.state = 'Running'
            AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.vm_id = v.id AND a.type = 'VirtualMachineDegraded' AND a.resolved IS NULL)
            """));
        // One that has more was given them by hand.
        wrongs.AddRange(Rows("""
            SELECT v.name || ' runs with ' || count(d.id) || ' devices, its offering has ' || o.pci_devices
            FROM vm_instance v JOIN service_offering o ON o.id = v.service_offering_id LEFT JOIN op_host_pci_devices d ON d.instance_id = v.id AND d.host_id = v.host_id
            WHERE v.state = 'Running' AND v.degraded_since IS NULL GROUP BY v.id, v.name, o.pci_devices
            HAVING count(d.id) < CASE o.pci_devices WHEN '' THEN 0 ELSE length(o.pci_devices) - length(replace(o.pci_devices, ',', '')) + 1 END
            """));
        return wrongs;
    }

    /// <summary><see cref="WrongsAtRest"/>, when the last answers have gone out: a row of the outbox goes a moment after its message.</summary>
    public async Task<IReadOnlyList<string>> WrongsOnceSentAsync(CancellationToken cancellationToken)
    {
        await Condition.BecomesTrueAsync(
            () => Task.FromResult(Rows("SELECT message_type FROM outbox_message").Count == 0),
            TimeSpan.FromSeconds(30),
            () => "The outbox does not become empty.",
            cancellationToken);
        return WrongsAtRest();
    }

    public IReadOnlyList<string> Rows(string sql)
    {
        using var connection = connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read()) rows.Add(reader.GetString(0));
        return rows;
    }

    /// <summary>What the product says to have released.</summary>
    private List<(string Host, string Device, string Vm, DateTimeOffset At)> Releases()
    {
        using var connection = connect();
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT h.name, d.address_text, lower(CAST(v.uuid AS text)), r.created FROM pci_device_history r JOIN op_host_pci_devices d ON d.id = r.device_id
            JOIN host h ON h.id = r.host_id JOIN vm_instance v ON v.id = r.vm_id WHERE r.what = 'Released'
            """;
        using var reader = command.ExecuteReader();
        var releases = new List<(string, string, string, DateTimeOffset)>();
        while (reader.Read()) releases.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2), Time(reader.GetValue(3))));
        return releases;
    }

    private static DateTimeOffset Time(object column) => column is DateTime time
        ? new DateTimeOffset(time, TimeSpan.Zero)
        : DateTimeOffset.Parse((string)column, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static void Replay(string host, IEnumerable<Attachment> attachments, List<string> wrongs, Truth truth)
    {
        var holders = new Dictionary<string, string>();
        foreach (var one in attachments)
        {
            var domain = one.Domain.ToString();
            var device = one.Device?.ToString() ?? "";
            switch (one.Event)
            {
                case Attachment.Start:
                    truth.Begin(domain, host, one.At);
                    break;
                case Attachment.Attach:
                    if (holders.TryGetValue(device, out var holder) && holder != domain) wrongs.Add($"{host} {device}: {holder} had it when {domain} got it");
                    holders[device] = domain;
                    truth.Take(domain, host, device, one.At);
                    break;
                case Attachment.Detach:
                    holders.Remove(device);
                    truth.Leave(domain, host, device, one.At);
                    break;
                case Attachment.Refuse:
                    wrongs.Add($"{host} {device}: {holders.GetValueOrDefault(device)} had it when {domain} was to get it");
                    break;
                case Attachment.End:
                    truth.End(domain, host, one.At);
                    foreach (var left in holders.Where(pair => pair.Value == domain).ToList())
                    {
                        holders.Remove(left.Key);
                        truth.Leave(domain, host, left.Key, one.At);
                    }

                    break;
                default:
                    wrongs.Add($"{host}: the log has an event {one.Event}");
                    break;
            }
        }

        foreach (var group in holders.GroupBy(pair => pair.Value)) truth.Devices[(group.Key, host)] = group.Count();
    }

    private static IEnumerable<string> TwoAtOnce(KeyValuePair<string, List<Life>> domain) =>
        from one in domain.Value
        from other in domain.Value
        where string.CompareOrdinal(one.Host, other.Host) < 0 && one.From < other.To && other.From < one.To
        select $"{domain.Key} ran on {one.Host} and {other.Host} at once";

    /// <summary>When a domain lived on a host.</summary>
    private sealed record Life(string Host, DateTimeOffset From, DateTimeOffset To);

    /// <summary>When a domain had a device.</summary>
    private sealed record Hold(string Domain, string Host, string Device, DateTimeOffset From, DateTimeOffset To)
    {
        public bool Has(string host, string device, string domain, DateTimeOffset at) =>
            Host == host && Device == device && Domain == domain && From <= at && at < To;
    }

    /// <summary>What the hosts' logs tell.</summary>
    private sealed class Truth
    {
        public Dictionary<string, List<Life>> Lives { get; } = [];

        public List<Hold> Holds { get; } = [];

        /// <summary>How many devices a domain holds on a host at the end.</summary>
        public Dictionary<(string Domain, string Host), int> Devices { get; } = [];

        public IEnumerable<string> Running => Lives.SelectMany(domain => domain.Value
            .Where(life => life.To == DateTimeOffset.MaxValue)
            .Select(life => $"{domain.Key} on {life.Host} with {Devices.GetValueOrDefault((domain.Key, life.Host))} devices"));

        /// <summary>A domain whose lines a crash cut off is told of again.</summary>
        public void Begin(string domain, string host, DateTimeOffset at)
        {
            if (!Lives.TryGetValue(domain, out var lives)) Lives[domain] = lives = [];
            if (!lives.Any(life => life.Host == host && life.To == DateTimeOffset.MaxValue)) lives.Add(new Life(host, at, DateTimeOffset.MaxValue));
        }

        public void Take(string domain, string host, string device, DateTimeOffset at) =>
            Holds.Add(new Hold(domain, host, device, at, DateTimeOffset.MaxValue));

        public void Leave(string domain, string host, string device, DateTimeOffset at)
        {
            var open = Holds.FindLastIndex(hold => hold.Domain == domain && hold.Host == host && hold.Device == device);
            if (open >= 0 && Holds[open].To == DateTimeOffset.MaxValue) Holds[open] = Holds[open] with { To = at };
        }

        public void End(string domain, string host, DateTimeOffset at)
        {
            if (!Lives.TryGetValue(domain, out var lives)) return;
            var open = lives.FindIndex(life => life.Host == host && life.To == DateTimeOffset.MaxValue);
            if (open >= 0) lives[open] = lives[open] with { To = at };
        }
    }
}
