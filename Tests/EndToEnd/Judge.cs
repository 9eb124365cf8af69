using System.Data.Common;
using Microsoft.Data.Sqlite;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Tests.Support;

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
        foreach (var host in hosts)
        {
            var log = Path.Combine(host, "simulator", "attachments.log");
            if (File.Exists(log)) Replay(Path.GetFileName(host), AttachmentLog.Read(log), wrongs, truth);
        }

        wrongs.AddRange(truth.Lives.SelectMany(TwoAtOnce));
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
            SELECT v.name || ' runs with ' || count(d.id) || ' devices, its offering has ' || o.pci_devices
            FROM vm_instance v JOIN service_offering o ON o.id = v.service_offering_id LEFT JOIN op_host_pci_devices d ON d.instance_id = v.id AND d.host_id = v.host_id
            WHERE v.state = 'Running' GROUP BY v.id, v.name, o.pci_devices
            HAVING count(d.id) <> CASE o.pci_devices WHEN '' THEN 0 ELSE length(o.pci_devices) - length(replace(o.pci_devices, ',', '')) + 1 END
            """));
        return wrongs;
    }

    /// <summary>
    /// Waits until nothing is under way and nothing is wrong. A report that crosses a change makes management ask again, and a
    /// row of the outbox goes a moment after its message: both end by themselves.
    /// </summary>
    /// <param name="idle">The time that an idle machine needs at most.</param>
    /// <param name="staying">Texts of wrongs that the test has made and that stay, one each.</param>
    public async Task RestsAsync(TimeSpan idle, CancellationToken cancellationToken, params string[] staying)
    {
        IReadOnlyList<string> wrongs = [];
        await Patience.UntilAsync(
            () =>
            {
                wrongs = WrongsAtRest();
                return wrongs.Count == staying.Length
                    && staying.All(text => wrongs.Any(wrong => wrong.Contains(text, StringComparison.Ordinal)));
            },
            idle,
            () => string.Join('\n', wrongs),
            cancellationToken,
            staying.Length == 0 ? "nothing is wrong" : $"nothing is wrong but: {string.Join("; ", staying)}");
    }

    /// <summary>Waits until a query gives these rows, in this order.</summary>
    public async Task RowsAreAsync(string sql, TimeSpan idle, CancellationToken cancellationToken, params string[] expected)
    {
        IReadOnlyList<string> rows = [];
        await Patience.UntilAsync(
            () => (rows = Rows(sql)).SequenceEqual(expected),
            idle,
            () => string.Join('\n', rows),
            cancellationToken,
            $"the rows of {sql} are {string.Join("; ", expected)}");
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
                    break;
                case Attachment.Detach:
                    holders.Remove(device);
                    break;
                case Attachment.End:
                    truth.End(domain, host, one.At);
                    foreach (var left in holders.Where(pair => pair.Value == domain).ToList()) holders.Remove(left.Key);
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

    /// <summary>What the hosts' logs tell.</summary>
    private sealed class Truth
    {
        public Dictionary<string, List<Life>> Lives { get; } = [];

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

        public void End(string domain, string host, DateTimeOffset at)
        {
            if (!Lives.TryGetValue(domain, out var lives)) return;
            var open = lives.FindIndex(life => life.Host == host && life.To == DateTimeOffset.MaxValue);
            if (open >= 0) lives[open] = lives[open] with { To = at };
        }
    }
}
