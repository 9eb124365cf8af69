using System.Diagnostics;
using PciBus.Contracts;
using PciBus.Contracts.Connection;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace PciBus.Tests.Benchmarks;

/// <summary>What management does over RabbitMQ and PostgreSQL, with everything on the same machine.</summary>
internal static class DistributedBenchmark
{
    private const int Hosts = 5000;
    private const int DevicesOfHost = 8;
    private const int Processes = 4;
    private const int Reports = 20_000;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(60);

    /// <summary>
    /// 5,000 agents, each with a connection and a queue of its own: the broker restarts, and then nothing happens. 2,000 when each figure
    /// is measured once: a broker on a slow machine needs minutes until it serves 5,000 that come at once.
    /// </summary>
    public static async Task AgentsAsync()
    {
        var agents = Figure.Runs == 1 ? 2000 : Hosts;
        await using var scene = new DistributedScene(pingInterval: 60);
        await scene.StartAsync();
        var joined = await scene.AddAgentsAsync(agents, Processes, DevicesOfHost);
        Figure.Print($"{agents} agents started at once, all Up", "s", [joined.TotalSeconds]);
        // Agents that waited long for their answer have announced themselves once more: all of that comes to rest first.
        await scene.UntilAsync("SELECT 1 - LEAST(1, count(*)) FROM outbox_message", 1, TimeSpan.FromMinutes(2));
        var vms = await TestScene.CreateAsync(scene.Management.Api, "10GE");
        await Task.WhenAll(Enumerable.Range(0, 100).Select(number => vms.DeployAsync($"vm{number}")));
        var claims = scene.Number(Claims);

        var restarts = new List<double>();
        for (var run = 0; run < Figure.Runs; run++)
        {
            var sessions = scene.Number("SELECT sum(session) FROM host");
            await scene.Broker.KillAsync();
            await scene.Broker.StartAsync(default);
            var clock = Stopwatch.StartNew();
            await scene.UntilAsync(
                "SELECT count(*) FROM host WHERE status = 'Up' AND session > " + (sessions / agents), agents, TimeSpan.FromMinutes(3));
            restarts.Add(clock.Elapsed.TotalSeconds);
            var queues = await scene.Broker.CountAsync("true", "list_queues", "name", "exclusive");
            var connections = await scene.Broker.CountAsync("pcibus agent", "list_connections", "client_properties");
            Console.WriteLine($"  the broker lists {connections} connections of agents, {queues} exclusive queues; claims before {claims}, after {scene.Number(Claims)}");
        }

        Figure.Print($"{agents} agents back after the broker restarted", "s", restarts);
        await PingsAsync(scene, agents);
    }

    /// <summary>Hosts that nobody has seen before announce themselves, as fast as they can be told.</summary>
    public static async Task InventoryAsync()
    {
        var firsts = new List<double>();
        var unchanged = new List<double>();
        var trivial = new List<double>();
        for (var run = 0; run < Figure.Runs; run++)
        {
            await using var scene = new DistributedScene(pingInterval: 60);
            await scene.StartAsync();
            await using var connection = await new ConnectionFactory { Uri = new Uri(scene.Broker.Address) }.CreateConnectionAsync();
            await using var channel = await connection.CreateChannelAsync();
            for (var host = 0; host < Hosts; host++)
            {
                var agent = EndpointNames.Agent($"guid-{host}");
                await channel.ExchangeDeclareAsync(agent, ExchangeType.Fanout, durable: true);
                await channel.QueueDeclareAsync(agent, durable: false, exclusive: true, autoDelete: true);
                await channel.QueueBindAsync(agent, agent, "");
            }

            // The zone and its cluster come into being with the first.
            await PublishAsync(channel, EndpointNames.ManagementStartup, Announcement(0));
            await scene.UntilAsync("SELECT count(*) FROM host WHERE status = 'Up'", 1, TimeSpan.FromSeconds(15));
            var clock = Stopwatch.StartNew();
            foreach (var body in Enumerable.Range(0, Hosts).Select(Announcement)) await PublishAsync(channel, EndpointNames.ManagementStartup, body);
            await scene.UntilAsync("SELECT count(*) FROM host WHERE status = 'Up'", Hosts, TimeSpan.FromMinutes(2));
            await scene.UntilAsync("SELECT count(*) FROM op_host_pci_devices", Hosts * DevicesOfHost, TimeSpan.FromSeconds(15));
            firsts.Add(clock.Elapsed.TotalSeconds);

            byte[][] pings = [.. Enumerable.Range(0, Reports).Select(Ping)];
            // Each process checks a host's first report against the database's rows.
            foreach (var body in pings.Take(Hosts)) await PublishAsync(channel, EndpointNames.ManagementPings, body);
            await DrainedAsync(channel, EndpointNames.ManagementPings);
            clock.Restart();
            foreach (var body in pings) await PublishAsync(channel, EndpointNames.ManagementPings, body);
            await DrainedAsync(channel, EndpointNames.ManagementPings);
            unchanged.Add(Reports / clock.Elapsed.TotalSeconds);
            trivial.Add(await TrivialAsync(connection, channel, pings));
        }

        Figure.Print($"first inventory of {Hosts} hosts with {DevicesOfHost} devices each", "s", firsts);
        Figure.Print("unchanged reports consumed and checked", "1/s", unchanged);
        Figure.Print("the same messages, consumed and thrown away", "1/s", trivial);
    }

    /// <summary>Deployments to Running: as fast as they go, and how long each takes at 50 per second.</summary>
    public static async Task DeploymentsAsync()
    {
        const int deployments = 1500;
        const int paced = 50;
        var fastest = new List<double>();
        var slowest = new List<double>();
        for (var run = 0; run < Figure.Runs; run++)
        {
            await using var scene = new DistributedScene(pingInterval: 60);
            await scene.StartAsync();
            await scene.AddAgentsAsync(100, 1, 64);
            var vms = await TestScene.CreateAsync(scene.Management.Api, "10GE");
            await DeployAsync(scene, vms, 1, deployments, clients: 16);
            var clock = Stopwatch.StartNew();
            await DeployAsync(scene, vms, deployments + 1, deployments, clients: 16);
            fastest.Add(deployments / clock.Elapsed.TotalSeconds);

            var before = scene.Number("SELECT max(id) FROM async_job");
            clock.Restart();
            var requests = new List<Task>();
            for (var number = 0; number < 30 * paced; number++)
            {
                var due = TimeSpan.FromSeconds((double)number / paced) - clock.Elapsed;
                if (due > TimeSpan.Zero) await Task.Delay(due, TimeProvider.System);
                requests.Add(vms.RequestAsync($"paced{number}"));
            }

            await Task.WhenAll(requests);
            await scene.UntilAsync(
                "SELECT count(*) FROM vm_instance WHERE state = 'Running'", (2 * deployments) + (30 * paced), TimeSpan.FromSeconds(30));
            slowest.Add(scene.Real($"""
                SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM completed - created)) FROM async_job WHERE id > {before}
                """) * 1000);
        }

        Figure.Print("deployments to Running over RabbitMQ and PostgreSQL", "1/s", fastest);
        Figure.Print($"deployment to Running at {paced}/s, 99th percentile", "ms", slowest);
    }

    /// <summary>One agent alone: how soon it is ready, and what it holds when idle.</summary>
    public static async Task AgentAsync()
    {
        await using var scene = new DistributedScene(pingInterval: 10);
        await scene.StartAsync();
        var ready = new List<double>();
        var memory = new List<double>();
        for (var run = 0; run < Figure.Runs; run++)
        {
            scene.Management.AddHost(
                $"one{run}", $"one-{run}", "28:00.0|10GE,28:00.1|10GE,28:00.2|10GE,28:00.3|10GE", "agent.data.folder=.", "agent.properties.poll=1s");
            await using var agent = new AgentProcess(Path.Combine(scene.Management.DataFolder, "hosts", $"one{run}"), scene.Broker.Address);
            var clock = Stopwatch.StartNew();
            agent.Start();
            await Patience.UntilAsync(
                () => agent.Output.Contains(": up as host id ", StringComparison.Ordinal),
                TimeSpan.FromSeconds(15),
                () => agent.LastLines,
                default);
            ready.Add(clock.Elapsed.TotalSeconds);
            await Task.Delay(TimeSpan.FromSeconds(15), TimeProvider.System);
            memory.Add(agent.ResidentMemory / 1e6);
        }

        Figure.Print("agent: from its start until its host is Up", "s", ready);
        Figure.Print("agent: resident memory when idle", "MB", memory);
    }

    private const string Claims = "SELECT count(*) * 1000000 + coalesce(sum(claim), 0) FROM op_host_pci_devices WHERE instance_id IS NOT NULL";

    /// <summary>A minute in which nothing happens but pings.</summary>
    private static async Task PingsAsync(DistributedScene scene, int agents)
    {
        const string written = "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables WHERE relname NOT LIKE 'qrtz%' AND relname <> 'host'";
        await Task.Delay(Quiet, TimeProvider.System);
        var shares = new List<double>();
        for (var run = 0; run < Figure.Runs; run++)
        {
            var (used, rows) = (scene.ManagementTime(), scene.Number(written));
            await Task.Delay(Quiet, TimeProvider.System);
            shares.Add((scene.ManagementTime() - used) / Quiet * 100);
            Console.WriteLine($"  rows written beside the liveness of hosts: {scene.Number(written) - rows}");
        }

        Figure.Print($"management with {agents} idle agents that ping every 60 s", "% of a core", shares);
    }

    private static async Task DeployAsync(DistributedScene scene, TestScene vms, int first, int count, int clients)
    {
        var next = first - 1;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < first + count; i = Interlocked.Increment(ref next)) await vms.RequestAsync($"vm{i}");
        }));
        await scene.UntilAsync("SELECT count(*) FROM vm_instance WHERE state = 'Running'", first + count - 1, TimeSpan.FromMinutes(2));
    }

    private static ValueTask PublishAsync(IChannel channel, string exchange, byte[] body) =>
        channel.BasicPublishAsync(exchange, "", mandatory: false, new BasicProperties { ContentType = Envelope.ContentType, Persistent = true }, body);

    private static async Task DrainedAsync(IChannel channel, string queue)
    {
        uint left = 0;
        await Patience.UntilAsync(
            async () => (left = await channel.MessageCountAsync(queue)) == 0,
            TimeSpan.FromMinutes(2),
            () => $"{left} messages",
            default,
            $"{queue} is drained");
    }

    private static async Task<double> TrivialAsync(IConnection connection, IChannel publisher, byte[][] bodies)
    {
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync("trivial", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await channel.ExchangeDeclareAsync("trivial", ExchangeType.Fanout);
        await channel.QueueBindAsync("trivial", "trivial", "");
        await channel.BasicQosAsync(0, 64, global: false);
        var left = bodies.Length;
        var done = new TaskCompletionSource();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
            if (Interlocked.Decrement(ref left) == 0) done.SetResult();
        };
        await channel.BasicConsumeAsync("trivial", autoAck: false, consumer);
        var clock = Stopwatch.StartNew();
        foreach (var body in bodies) await PublishAsync(publisher, "trivial", body);
        await done.Task;
        return bodies.Length / clock.Elapsed.TotalSeconds;
    }

    private static byte[] Announcement(int host) => Wrap(new StartupRoutingCommand
    {
        CommandId = Guid.NewGuid(),
        DataCenter = "zone1",
        Pod = "pod1",
        Cluster = "cluster1",
        Guid = $"guid-{host}",
        Name = $"kvm{host}",
        Version = "0.1.0",
        PrivateIpAddress = "192.0.2.1",
        Cpus = 64,
        Speed = 2000,
        Memory = 256L << 30,
        Caps = "hvm",
        Nonce = Guid.NewGuid(),
        SentAt = TimeProvider.System.GetUtcNow(),
        Report = Report(host) with { Sequence = 1 },
    });

    private static byte[] Ping(int number) => Wrap(new PingRoutingCommand
    {
        CommandId = Guid.NewGuid(),
        HostGuid = $"guid-{number % Hosts}",
        SentAt = TimeProvider.System.GetUtcNow(),
        Report = Report(number % Hosts) with { Session = 1, Sequence = 2 + (number / Hosts) },
    });

    private static HostReport Report(int host) => new()
    {
        Revision = 1,
        BootId = $"boot-{host}",
        VirtualMachines = [],
        PciDevices = [.. Enumerable.Range(0, DevicesOfHost).Select(device => new PciDeviceTO
        {
            Address = PciAddress.Parse($"0000:28:00.{device}"),
            Name = "10GE",
            VendorId = "8086",
            ProductId = "10fb",
            Class = "020000",
            Present = true,
        })],
    };

    private static byte[] Wrap(object message) => Envelope.Write(message, Guid.NewGuid(), TimeProvider.System.GetUtcNow());
}
